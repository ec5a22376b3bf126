import type { JobKey } from './key.ts';
import { makeToken } from './token.ts';

/** What a job is told of those it may speak to. */
export interface JobEnvironmentOptions {
  readonly key: JobKey;
  readonly prefix: string;
  readonly socket: string;
  /** The NATS server, where jobs may ask it with their credential; undefined where only the socket is there. */
  readonly url?: string;
  readonly now?: () => number;
}

/** Longer than any build runs: a credential can do nothing for a build that has ended. */
const validMs = 7 * 24 * 3_600_000;

/** For runners: the variables of a run's job. The runner itself sets MILLRACE_BUILD. The token is a secret. */
export const jobEnvironment = ({ key, prefix, socket, url, now = Date.now }: JobEnvironmentOptions) =>
  async (build: string): Promise<Record<string, string>> => ({
    MILLRACE_JOB_TOKEN: makeToken(key, { build, prefix, expires: now() + validMs }),
    MILLRACE_JOB_SOCKET: socket,
    ...(url === undefined ? {} : { MILLRACE_JOB_NATS: url }),
  });
