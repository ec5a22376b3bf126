import type { InspectionMessage } from '../../projections/chart/inspection.ts';
import type { Listener } from './server.ts';

/** Passes on what happens now to everyone who listens, and tells who comes late what there is. */
export interface Hub {
  publish(message: InspectionMessage): void;
  /** Until the listener has gone. */
  feed(listener: Listener): Promise<void>;
}

interface Known {
  readonly actor: InspectionMessage;
  /** The last messages about it, ending with its state now. */
  recent: InspectionMessage[];
  ended: boolean;
}

export interface HubOptions {
  /** Messages kept for each actor beside the one that introduces it. */
  readonly keep: number;
  /** Actors that have ended and are still told of. */
  readonly keepEnded?: number;
  /** Messages that may wait for a slow listener before it is told afresh instead. */
  readonly behind?: number;
}

export function inspectionHub({ keep, keepEnded = 200, behind = 5000 }: HubOptions): Hub {
  const known = new Map<string, Known>();
  const queues = new Set<{ messages: InspectionMessage[]; wake: () => void }>();
  let ended: string[] = [];

  const everything = (): InspectionMessage[] => [...known.values()].flatMap(({ actor, recent }) => [actor, ...recent]);

  const remember = (message: InspectionMessage): void => {
    const { sessionId, type } = message;
    const entry = known.get(sessionId);
    if (type === '@xstate.actor') known.set(sessionId, { actor: message, recent: [], ended: false });
    if (entry === undefined || type === '@xstate.actor') return;
    entry.recent = [...entry.recent, message].slice(-keep);
    if (type !== '@xstate.snapshot' || message.snapshot.status === 'active' || entry.ended) return;
    entry.ended = true;
    ended.push(sessionId);
    for (const old of ended.slice(0, -keepEnded)) known.delete(old);
    ended = ended.slice(-keepEnded);
  };

  return {
    publish(message) {
      remember(message);
      for (const queue of queues) {
        queue.messages.push(message);
        if (queue.messages.length > behind) queue.messages = everything();
        queue.wake();
      }
    },
    async feed({ send, gone }) {
      const queue = { messages: everything(), wake: (): void => undefined };
      queues.add(queue);
      gone.addEventListener('abort', () => { queue.wake(); }, { once: true });
      try {
        while (!gone.aborted) {
          const next = queue.messages.shift();
          if (next !== undefined) await send(next);
          else await new Promise<void>((resolve) => { queue.wake = resolve; });
        }
      } finally {
        queues.delete(queue);
      }
    },
  };
}
