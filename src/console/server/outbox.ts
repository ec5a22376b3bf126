import type { Answered, Pushed } from '../protocol.ts';

/** What goes to one page. Answers go at once; what is watched goes when the page has room, and no more often than it can see. */
export interface Outbox {
  answer(message: Answered): void;
  push(message: Pushed): void;
  /** There is news: it is taken when its turn comes, once however often it is said. */
  news(take: () => Pushed | undefined): void;
  /** Not to be taken any more. */
  forget(take: () => Pushed | undefined): void;
  close(): void;
}

/** As much of a WebSocket as is needed; `bufferedAmount` in bytes. */
export interface Line {
  readonly bufferedAmount: number;
  send(text: string, sent: (error?: Error | null) => void): void;
  terminate(): void;
}

export interface OutboxOptions {
  /** Between two pushes of what is watched. Default 100. */
  readonly everyMs?: number;
  /** Bytes under way above which a page has no room. Default 256 kB. */
  readonly room?: number;
  /** Bytes under way above which a page is given up: it asks and does not listen. Default 32 MB. */
  readonly most?: number;
}

export function outbox(line: Line, { everyMs = 100, room = 256 * 1024, most = 32 * 1024 * 1024 }: OutboxOptions = {}): Outbox {
  const waiting = new Set<() => Pushed | undefined>();
  let timer: NodeJS.Timeout | undefined;
  let last = -Infinity;

  const send = (message: Answered | Pushed): void => {
    if (line.bufferedAmount > most) return line.terminate();
    // A page that was slow is served as soon as it has taken what it got.
    line.send(JSON.stringify(message), plan);
  };
  const flush = (): void => {
    timer = undefined;
    last = performance.now();
    const now = [...waiting];
    waiting.clear();
    for (const [place, take] of now.entries()) {
      if (line.bufferedAmount > room) {
        for (const late of now.slice(place)) waiting.add(late);
        break;
      }
      const message = take();
      if (message !== undefined) send(message);
    }
    plan();
  };
  function plan(): void {
    if (waiting.size === 0 || timer !== undefined || line.bufferedAmount > room) return;
    timer = setTimeout(flush, Math.max(0, last + everyMs - performance.now()));
  }
  return {
    answer: send,
    push: send,
    news(take) {
      waiting.add(take);
      plan();
    },
    forget: (take) => { waiting.delete(take); },
    close() {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
