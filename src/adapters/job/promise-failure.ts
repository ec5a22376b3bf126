import { setTimeout as pause } from 'node:timers/promises';
import { TerminalError } from '../../kernel/errors.ts';
import { askNats } from './ask-nats.ts';
import { askSocket } from './ask-socket.ts';
import { claimsIn } from './token.ts';
import { unknown, type Told } from './told.ts';

export interface PromiseFailureOptions {
  /** 1 to 255. */
  readonly exitStatus: number;
  /** Without secrets already: it goes out as it is. */
  readonly reason?: string;
  /** From the call to the answer, ms; there is an answer then, whatever happens. */
  readonly deadlineMs: number;
  /** The job's environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** A timer can wait no longer, and no credential is valid so long. */
const longestDeadlineMs = 14 * 24 * 3_600_000;

/** Between two rounds in which nobody answered. */
const roundMs = 100;

/**
 * Promise, from inside a build, that it will fail: through the worker's socket; else through NATS, with the job's own
 * credential; again and again until the deadline. Repeating is harmless: the promise is made once.
 * @throws TerminalError `not_in_a_build`, `bad_credential`, `bad_promise`.
 */
export async function promiseFailure({ exitStatus, reason, deadlineMs: wanted, env }: PromiseFailureOptions): Promise<Told> {
  const deadlineMs = Math.min(wanted, longestDeadlineMs);
  const { token, claims, socket, url } = jobOf(env);
  const end = performance.now() + deadlineMs;
  // The worker answers a little sooner than the caller's own clock: what it says is worth more.
  const marginMs = Math.min(100, deadlineMs / 10);
  let last: Told | undefined;
  const rounds = async (): Promise<Told> => {
    for (let left = deadlineMs; left > marginMs; left = end - performance.now()) {
      const question = { exitStatus, deadlineMs: left - marginMs, ...(reason === undefined ? {} : { reason }) };
      const told = (socket && (await askSocket(socket, token, question))) || (url && (await askNats(url, token, claims, question))) || undefined;
      if (told !== undefined && told.outcome !== 'unknown') return told;
      last = told ?? last;
      await pause(Math.min(roundMs, Math.max(1, end - marginMs - performance.now())));
    }
    return late();
  };
  const late = (): Told => unknown(last?.message ?? 'no worker answered by the deadline');
  const stop = new AbortController();
  const clock = pause(deadlineMs, undefined, { signal: stop.signal }).then(late, () => new Promise<never>(() => undefined));
  return await Promise.race([rounds(), clock]).finally(() => stop.abort());
}

function jobOf(env: NodeJS.ProcessEnv) {
  const { MILLRACE_BUILD: build, MILLRACE_JOB_TOKEN: token, MILLRACE_JOB_SOCKET: socket, MILLRACE_JOB_NATS: url } = env;
  if (!build || !token) {
    throw new TerminalError('not_in_a_build', `there is no ${build ? 'MILLRACE_JOB_TOKEN' : 'MILLRACE_BUILD'} in the environment`, { hint: 'call it from inside a build that Millrace runs: the runner sets what is needed' });
  }
  const claims = claimsIn(token);
  if (claims === undefined || claims.build !== build) throw new TerminalError('bad_credential', `MILLRACE_JOB_TOKEN is not the credential of ${build}`, { hint: 'leave the variables as the runner set them' });
  return { token, claims, socket, url };
}
