import type { Clock } from '../../runtime/ports/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { aborted } from '../interrupt.ts';

/** One process of a crew. */
export interface Member {
  readonly pid: number | undefined;
  /** Resolves when it carries its machines; never when it does not come to that. */
  readonly ready: Promise<void>;
  /** Resolves with its exit code when it is gone; undefined when a signal ended it. */
  readonly gone: Promise<number | undefined>;
  /** Ask it to finish or hand over what it has in flight. */
  end(): void;
  kill(): void;
}

export interface CrewOptions {
  readonly size: number;
  readonly start: () => Member;
  readonly clock: Clock;
  readonly logger: Logger;
}

const firstRestartMs = 250;
const lastRestartMs = 10_000;
/** Who carried its machines for so long starts anew without a history. */
const provenMs = 10_000;
/** Who was asked to end and has not after so long is killed: longer than a worker's own grace. */
const endingMs = 20_000;

/**
 * Keep `size` processes going until `interrupted`, each dead one started anew, sooner or later by how often it died in
 * a row. Then all are asked to end and waited for. The others start once the first is ready: when that one ends before,
 * none can be, and the reason is told once. Resolves with the exit code for all of them: 0, or the first that was not.
 */
export async function keepCrew({ size, start, clock, logger }: CrewOptions, interrupted: AbortSignal): Promise<number> {
  const stop = new AbortController();
  const stopping = AbortSignal.any([interrupted, stop.signal]);
  const anyReady = new AbortController();

  /** One place in the crew, held by one process after the other. */
  async function place(_: unknown, index: number): Promise<number> {
    if (index > 0) await aborted(AbortSignal.any([anyReady.signal, stopping]));
    if (stopping.aborted) return 0;
    for (let deaths = 0; ; deaths++) {
      const { code, provenIn } = await serve(start());
      if (stopping.aborted) return code ?? 0;
      if (!anyReady.signal.aborted) {
        stop.abort();
        return code ?? 1;
      }
      if (provenIn) deaths = 0;
      const restartMs = Math.min(lastRestartMs, firstRestartMs * 2 ** deaths);
      logger.warn({ code: code ?? 'killed', restartMs }, 'a worker process died and is started anew');
      await pause(clock, restartMs, stopping);
      if (stopping.aborted) return 0;
    }
  }

  async function serve(member: Member): Promise<{ code: number | undefined; provenIn: boolean }> {
    let readyAt = Infinity;
    void member.ready.then(() => {
      anyReady.abort();
      readyAt = clock.now();
    });
    let spare = (): void => {};
    const end = (): void => {
      member.end();
      spare = clock.after(endingMs, () => { member.kill(); });
    };
    if (stopping.aborted) end();
    else stopping.addEventListener('abort', end, { once: true });
    const code = await member.gone;
    stopping.removeEventListener('abort', end);
    spare();
    return { code, provenIn: clock.now() - readyAt >= provenMs };
  }

  const codes = await Promise.all(Array.from({ length: size }, place));
  return codes.find((code) => code !== 0) ?? 0;
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, done);
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
