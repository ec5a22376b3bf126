import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { credsAuthenticator, nkeyAuthenticator, type NodeConnectionOptions } from '@nats-io/transport-node';
import { runningServer } from '../adapters/nats/server/claim.ts';
import { TerminalError } from '../kernel/errors.ts';

export interface Where {
  /** `--server`. */
  readonly server?: string;
  /** `--context`, a context of the `nats` command line. */
  readonly context?: string;
  /** The data folder: a server that `millrace dev` runs there is found by itself. */
  readonly dataDir: string;
}

/** What `nats context` keeps; only what Millrace uses. */
interface NatsContext {
  readonly url?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly creds?: string;
  readonly nkey?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Which server, and as whom: `--server` or `--context`, `NATS_URL`, `NATS_CONTEXT`, the data folder's own
 * server, the context selected in the `nats` command line, `nats://127.0.0.1:4222`, in this order.
 */
export function connectionOptions(where: Where, env: NodeJS.ProcessEnv = process.env): NodeConnectionOptions {
  if (where.server !== undefined && where.context !== undefined) {
    throw new TerminalError('bad_option', '--server and --context both name a server', { hint: 'give one of them' });
  }
  const url = where.server ?? (where.context === undefined ? env.NATS_URL : undefined);
  if (url !== undefined && url !== '') return { ...fromEnvironment(env), ...fromUrl(url) };
  const named = where.context ?? env.NATS_CONTEXT;
  if (named !== undefined && named !== '') return fromContext(readContext(named, env));
  const local = runningServer(where.dataDir);
  if (local !== undefined) return { servers: local.url };
  const selected = selectedContext(env);
  if (selected !== undefined) return fromContext(readContext(selected, env));
  return { servers: 'nats://127.0.0.1:4222', ...fromEnvironment(env) };
}

function fromEnvironment(env: NodeJS.ProcessEnv): NodeConnectionOptions {
  return fromContext({ user: env.NATS_USER, password: env.NATS_PASSWORD, token: env.NATS_TOKEN, creds: env.NATS_CREDS, nkey: env.NATS_NKEY });
}

function fromContext(context: NatsContext): NodeConnectionOptions {
  const { url, user, password, token, creds, nkey, ca, cert, key } = context;
  const options: NodeConnectionOptions = {};
  if (user) Object.assign(options, { user, pass: password });
  if (token) options.token = token;
  if (creds) options.authenticator = credsAuthenticator(readSecret(creds, 'credentials'));
  else if (nkey) options.authenticator = nkeyAuthenticator(readSecret(nkey, 'nkey'));
  if (url) Object.assign(options, fromUrl(url));
  if (ca || cert) options.tls = { caFile: ca || undefined, certFile: cert || undefined, keyFile: key || undefined };
  return options;
}

/** `nats://user:password@host` or `nats://token@host`: what the address carries goes where the client looks, and nowhere else. */
function fromUrl(text: string): NodeConnectionOptions {
  const options: NodeConnectionOptions = {};
  options.servers = text.split(',').map((one) => {
    const [, scheme = '', who, host = ''] = /^(\w+:\/\/)?(?:(.*)@)?([^@]*)$/.exec(one.trim()) ?? [];
    const [user = '', ...pass] = (who ?? '').split(':');
    if (who !== undefined) Object.assign(options, pass.length === 0 ? { token: decoded(user) } : { user: decoded(user), pass: decoded(pass.join(':')) });
    return scheme + host;
  });
  return options;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readSecret(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path.replace(/^~(?=\/)/, homedir()));
  } catch (cause) {
    throw new TerminalError('no_credentials', `the ${what} file ${path} cannot be read`, { cause, hint: 'correct NATS_CREDS, NATS_NKEY or the nats context' });
  }
}

const contextFolder = (env: NodeJS.ProcessEnv): string => join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'nats');

function selectedContext(env: NodeJS.ProcessEnv): string | undefined {
  const file = join(contextFolder(env), 'context.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() || undefined : undefined;
}

function readContext(name: string, env: NodeJS.ProcessEnv): NatsContext {
  const file = join(contextFolder(env), 'context', `${name}.json`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as NatsContext;
  } catch (cause) {
    throw new TerminalError('no_such_context', `there is no nats context "${name}"`, { cause, hint: 'see `nats context ls`, or give --server' });
  }
}
