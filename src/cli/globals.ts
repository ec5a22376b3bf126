import { resolve } from 'node:path';
import { userInfo, hostname } from 'node:os';
import type { Command } from 'commander';
import { signerFrom } from '../adapters/nats/identity/signer.ts';
import { connect, type Millrace } from '../connect.ts';
import { RetryableError, TerminalError } from '../kernel/errors.ts';
import { connectionOptions } from './connection.ts';
import { formatOf } from './format.ts';
import type { Format } from './print.ts';

export { addGlobals } from './global-options.ts';

/** Options every command has. */
export interface Globals {
  readonly output: Format;
  readonly server?: string;
  readonly context?: string;
  readonly prefix: string;
  readonly data: string;
  /** Modules with machines of the caller's own; each exports `machines`. */
  readonly machines: readonly string[];
}

export function globalsOf(command: Command): Globals {
  const raw = command.optsWithGlobals<{ output: string; server?: string; context?: string; prefix: string; data: string; machines?: string[] }>();
  const output = formatOf(raw);
  if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(raw.prefix)) throw new TerminalError('bad_option', `"${raw.prefix}" cannot be a subject prefix`, { hint: 'use words of letters, digits, - and _, joined by dots' });
  const machines = raw.machines ?? (process.env.MILLRACE_MACHINES ?? '').split(',').filter((path) => path !== '');
  return { ...raw, output, data: resolve(raw.data), machines };
}

/** Connect, do the work, close, whatever happens. */
export async function withMillrace<T>(globals: Globals, work: (millrace: Millrace) => Promise<T>): Promise<T> {
  const millrace = await open(globals);
  try {
    return await work(millrace);
  } finally {
    await millrace.close();
  }
}

export async function open(globals: Globals, extra: Parameters<typeof connect>[0] = {}): Promise<Millrace> {
  const where = connectionOptions({ server: globals.server, context: globals.context, dataDir: globals.data });
  return connect({ ...where, prefix: globals.prefix, ...signing(), ...extra }).catch((error: unknown) => {
    if (!(error instanceof RetryableError) || error.code !== 'broker_gone') throw error;
    throw new RetryableError(error.code, error.message, { cause: error, hint: 'start one with `millrace dev`, or name one that runs with --server, NATS_URL or --data' });
  });
}

/** MILLRACE_SIGNING_KEY names a file with an nkey seed: what we send is signed with it. @throws TerminalError `bad_key`, `key_too_open`. */
function signing(): Pick<NonNullable<Parameters<typeof connect>[0]>, 'signer'> {
  const { MILLRACE_SIGNING_KEY: file = '' } = process.env;
  return file === '' ? {} : { signer: signerFrom(file) };
}

/** Who asks, as it stands in the record: a claim, unless it is signed with a key that the workers know. */
export const whoAsks = (): string => process.env.MILLRACE_BY ?? `${userInfo().username}@${hostname()}`;
