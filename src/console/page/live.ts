import type { Answered, Pushed, Question, Questions } from '../protocol.ts';

/** The socket to the server, which comes back by itself. */
export interface Live {
  /** @throws Refusal when it cannot be answered. */
  ask<Q extends Question>(ask: Q, given: Questions[Q]['ask']): Promise<Questions[Q]['answer']>;
  /** Returns how to stop. */
  on<K extends Pushed['push']>(push: K, hear: (message: Extract<Pushed, { push: K }>) => void): () => void;
  /** What the server's clock says, ms since the epoch. */
  now(): number;
  /** Each time it is connected, now when it is. Returns how to stop. */
  onOpen(open: () => void): () => void;
}

export class Refusal extends Error {
  readonly hint: string | undefined;
  /** The server's; undefined when there was none to answer. */
  readonly code: string | undefined;
  constructor(message: string, hint?: string, code?: string) {
    super(message);
    this.hint = hint;
    this.code = code;
  }
}

/** Between two tries to connect. */
const againMs = 1_000;

/** `lost` is told when there is no server; `needsToken` resolves when a token was given. */
export function live(lost: (isLost: boolean) => void, needsToken: () => Promise<void>): Live {
  const hearers = new Map<string, Set<(message: Pushed) => void>>();
  const openers = new Set<() => void>();
  const waiting = new Map<number, { readonly yes: (value: never) => void; readonly no: (error: Refusal) => void }>();
  let socket: WebSocket | undefined;
  let last = 0;
  /** How far the server's clock is ahead of ours, ms. */
  let ahead = 0;

  const take = (message: Answered | Pushed): void => {
    if ('push' in message) {
      if (message.push === 'hello') ahead = message.hello.now - Date.now();
      for (const hear of hearers.get(message.push) ?? []) hear(message);
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if ('yes' in message) asked?.yes(message.yes as never);
    else asked?.no(new Refusal(message.no.message, message.no.hint, message.no.code));
  };
  const begin = (): void => {
    const opened = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`);
    let wasOpen = false;
    opened.addEventListener('open', () => {
      wasOpen = true;
      socket = opened;
      lost(false);
      for (const open of openers) open();
    });
    opened.addEventListener('message', ({ data }: MessageEvent<string>) => { take(JSON.parse(data) as Answered | Pushed); });
    opened.addEventListener('close', () => {
      socket = undefined;
      for (const { no } of waiting.values()) no(new Refusal('The console was lost before it answered.', 'What was asked may have been done all the same.'));
      waiting.clear();
      if (wasOpen) later();
      else void refused();
    });
  };
  /** A browser does not say why a socket was refused. */
  const refused = async (): Promise<void> => {
    const session = await fetch('/session').catch(() => undefined);
    if (session?.status !== 401) return later();
    await needsToken();
    begin();
  };
  const later = (): void => {
    lost(true);
    setTimeout(begin, againMs);
  };
  begin();

  return {
    now: () => Date.now() + ahead,
    ask: async (ask, given) => new Promise((yes, no) => {
      if (socket === undefined) return no(new Refusal('There is no connection to the console, so nothing was sent.', 'Press again once the connection is back; it comes back by itself.'));
      const id = ++last;
      waiting.set(id, { yes, no });
      socket.send(JSON.stringify({ id, ask, ...given }));
    }),
    on(push, hear) {
      const all = hearers.get(push) ?? new Set();
      hearers.set(push, all);
      all.add(hear as (message: Pushed) => void);
      return () => { all.delete(hear as (message: Pushed) => void); };
    },
    onOpen(open) {
      openers.add(open);
      if (socket !== undefined) open();
      return () => { openers.delete(open); };
    },
  };
}
