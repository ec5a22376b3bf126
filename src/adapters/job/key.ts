import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createAccount, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { TerminalError } from '../../kernel/errors.ts';

/** What vouches for jobs: an account's nkey. The server knows its public half, workers of one data folder share the seed. */
export interface JobKey {
  readonly pair: KeyPair;
  /** As `A...`; the `issuer` of the server's `auth_callout`. */
  readonly publicKey: string;
}

/** The file of the seed: MILLRACE_JOB_KEY, else in the data folder. */
export const keyFile = (dataDir: string, env: NodeJS.ProcessEnv = process.env): string => env.MILLRACE_JOB_KEY || join(dataDir, 'keys', 'jobs.seed');

/**
 * The key of a data folder, made when there is none; readable by its owner only, and never logged. One that
 * MILLRACE_JOB_KEY names must be there. @throws TerminalError `bad_job_key`.
 */
export function jobKey(dataDir: string, env: NodeJS.ProcessEnv = process.env): JobKey {
  const file = keyFile(dataDir, env);
  if (!existsSync(file) && !env.MILLRACE_JOB_KEY) make(dataDir, file);
  try {
    const pair = fromSeed(new TextEncoder().encode(readFileSync(file, 'utf8').trim()));
    const publicKey = pair.getPublicKey();
    if (!publicKey.startsWith('A')) throw new Error('it is no account key');
    return { pair, publicKey };
  } catch (cause) {
    throw new TerminalError('bad_job_key', `the file ${file} holds no key that can vouch for jobs`, {
      cause, hint: 'it must hold the seed of an account nkey (SA...), as `nk -gen account` makes one; without MILLRACE_JOB_KEY one is made in the data folder',
    });
  }
}

/** Of two workers that make one in the same moment, the first one's stays. */
function make(dataDir: string, file: string): void {
  mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, createAccount().getSeed(), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}
