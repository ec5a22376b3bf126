import { readFileSync } from 'node:fs';
import type { Token } from '../console/server/access.ts';
import { consoleServer, type ConsoleServer } from '../console/server/server.ts';
import type { Millrace } from '../connect.ts';
import { RetryableError, TerminalError } from '../kernel/errors.ts';
import { readOnlyMachines } from '../read-only-machines.ts';
import { whoAsks, type Globals } from './globals.ts';
import { version } from './help.ts';
import { loadMachines } from './machines.ts';
import { aside } from './print.ts';

/** How the console is reached. */
export interface Reach {
  /** Undefined: {@link usualPort}, or a free one when that is taken. */
  readonly port: number | undefined;
  readonly host: string;
  readonly names: readonly string[];
  readonly tokens: readonly Token[];
}

/** Where people look first. */
const usualPort = 7373;

/** @throws TerminalError `port_taken`, `token_needed`, `bad_host`. */
export async function serveConsole(globals: Globals, millrace: Millrace, { port, ...reach }: Reach): Promise<ConsoleServer> {
  const definitions = [...readOnlyMachines(), ...(await loadMachines(globals))];
  const onError = (error: unknown): void => {
    // The page says that the broker is away.
    if (!(error instanceof RetryableError)) aside(`console: ${error instanceof Error ? error.message : String(error)}`);
  };
  const on = (chosen: number): Promise<ConsoleServer> => consoleServer({ millrace, definitions, port: chosen, ...reach, by: `${whoAsks()} (console)`, version: version(), onError });
  if (port !== undefined) return on(port);
  return on(usualPort).catch((error: unknown) => {
    if (error instanceof TerminalError && error.code === 'port_taken') return on(0);
    throw error;
  });
}

/** Short secrets can be guessed. */
const shortest = 16;

/** The tokens of a file, one a line as `token` or `name:token`, and the one of MILLRACE_CONSOLE_TOKEN. @throws TerminalError `bad_token`. */
export function tokensFrom(file: string | undefined, env: NodeJS.ProcessEnv = process.env): readonly Token[] {
  const lines = [...(file === undefined ? [] : readTokens(file)), env.MILLRACE_CONSOLE_TOKEN ?? ''].map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (file !== undefined && lines.length === 0) throw new TerminalError('bad_token', `there is no token in ${file}`, { hint: '`openssl rand -hex 32` makes one' });
  return lines.map((line) => {
    const [, name = 'console', secret = ''] = /^(?:([\w.@-]{1,100}):)?(.*)$/.exec(line) ?? [];
    if (secret.length < shortest) throw new TerminalError('bad_token', `a token has at least ${shortest} characters`, { hint: '`openssl rand -hex 32` makes one' });
    return { name, secret };
  });
}

function readTokens(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch (cause) {
    throw new TerminalError('bad_token', `the token file ${file} cannot be read`, { cause, hint: 'name a file that you can read' });
  }
}

/** The address as a person is told it. */
export const addressLine = ({ url }: ConsoleServer, { tokens }: Reach): string => `${url}${tokens.length > 0 ? ', with a token' : ''}`;

export const loopbackReach = (port: number | undefined): Reach => ({ port, host: '127.0.0.1', names: [], tokens: tokensFrom(undefined) });
