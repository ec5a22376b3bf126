import type { Millrace } from '../connect.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { ActorName } from '../kernel/record.ts';

/** How far an activity says it is. */
export interface Progress {
  readonly message: string;
  readonly percent?: number;
}

/** Tell of each progress message of an actor that says something new, until `signal` aborts. What is said while the broker is away is lost. */
export function hearProgress({ broker: { nc, names } }: Millrace, actor: ActorName, tell: (progress: Progress) => void, signal: AbortSignal): void {
  let last = '';
  const heard = nc.subscribe(names.status(actor), {
    callback: (error, message) => {
      if (error !== null) return;
      const { message: text, percent } = message.json<JsonObject>();
      // The same subject also tells of the actor's status, which the log says better.
      if (typeof text !== 'string') return;
      const progress = { message: text, ...(typeof percent === 'number' ? { percent } : {}) };
      const said = JSON.stringify(progress);
      if (said !== last) tell(progress);
      last = said;
    },
  });
  signal.addEventListener('abort', () => heard.unsubscribe(), { once: true });
}
