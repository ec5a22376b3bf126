import { setTimeout as pause } from 'node:timers/promises';
import type { InspectionMessage } from '../../projections/chart/inspection.ts';
import type { Listener } from './server.ts';

export interface ReplayOptions {
  /** 1 is as it was, 10 is ten times as fast. */
  readonly speed: number;
  /** Longer pauses are cut to this many ms: a night that a build stood still is no use to who looks. */
  readonly longestMs?: number;
  /** Waits; for tests. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const sleep = async (ms: number, signal: AbortSignal): Promise<void> => pause(ms, undefined, { signal });

/** Tell a listener a recorded log, with the pauses it had, from the moment the listener came. */
export function replayer(messages: readonly InspectionMessage[], { speed, longestMs = 3000, wait = sleep }: ReplayOptions): (listener: Listener) => Promise<void> {
  return async ({ send, gone }) => {
    let last = Number(messages[0]?.createdAt ?? 0);
    for (const message of messages) {
      const at = Number(message.createdAt);
      const ms = Math.min(longestMs, Math.max(0, at - last) / speed);
      last = at;
      if (ms > 0) await wait(ms, gone).catch(() => undefined);
      if (gone.aborted) return;
      await send(message);
    }
  };
}
