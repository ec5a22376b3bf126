import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import { cachedServers, serverCache } from './cache.ts';
import { CannotInstall, installServer } from './install.ts';
import { serverMissing } from './missing.ts';
import { isTooOld, MINIMUM_VERSION, requireVersion, versionOf, versionWarning } from './version.ts';

/** A nats-server that runs on this machine. */
export interface ServerBinary {
  readonly file: string;
  /** As `2.15.1`. */
  readonly version: string;
  readonly from: 'MILLRACE_NATS_SERVER' | 'PATH' | 'cache' | 'installed';
}

export interface FindOptions {
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told, a line each time, why a server was passed over, that one is being installed, or that it is an old one. */
  readonly note?: (line: string) => void;
  /** Default: from the machine's own Debian mirror, without root. */
  readonly install?: (cache: string) => Promise<string>;
}

/** Where Debian and others put servers, though a plain user's PATH may not say so. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * The server to use: `MILLRACE_NATS_SERVER`, else PATH, else the cache, else freshly installed into
 * the cache. Errors: `nats_server_missing`, `nats_server_broken` and `nats_server_too_old` (a named one), each with the way out.
 */
export async function findServer(options: FindOptions = {}): Promise<ServerBinary> {
  const { env = process.env, note = () => undefined, install = installServer } = options;
  const named = env.MILLRACE_NATS_SERVER;
  const found = named !== undefined && named !== '' ? await namedServer(named)
    : await onPath(env, note) ?? await inCache(env, note) ?? await installed(env, note, install);
  const warning = versionWarning(found.version);
  if (warning !== undefined) note(warning);
  return found;
}

async function namedServer(named: string): Promise<ServerBinary> {
  const file = resolve(named);
  const hint = 'MILLRACE_NATS_SERVER is the file of a nats-server; unset it to let Millrace find or install one';
  if (!existsSync(file)) throw new TerminalError('nats_server_missing', `MILLRACE_NATS_SERVER names ${named}, which does not exist`, { hint });
  const version = await versionOf(file).catch((cause: unknown) => {
    throw new TerminalError('nats_server_broken', `MILLRACE_NATS_SERVER names ${named}, which does not run as a nats-server`, { hint, cause });
  });
  requireVersion(version, `MILLRACE_NATS_SERVER (${named})`);
  return { file, version, from: 'MILLRACE_NATS_SERVER' };
}

async function onPath(env: NodeJS.ProcessEnv, note: (line: string) => void): Promise<ServerBinary | undefined> {
  const folders = new Set([...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...MORE_FOLDERS]);
  return firstGood([...folders].map((folder) => resolve(folder, 'nats-server')), 'PATH', note);
}

async function inCache(env: NodeJS.ProcessEnv, note: (line: string) => void): Promise<ServerBinary | undefined> {
  return firstGood(await cachedServers(serverCache(env)), 'cache', note);
}

async function firstGood(files: string[], from: ServerBinary['from'], note: (line: string) => void): Promise<ServerBinary | undefined> {
  for (const file of files.filter((name) => existsSync(name))) {
    const version = await versionOf(file).catch(() => undefined);
    if (version !== undefined && !isTooOld(version)) return { file, version, from };
    note(version === undefined ? `${file} does not run; passed over`
      : `${file} is nats-server ${version}, older than ${MINIMUM_VERSION}; passed over`);
  }
  return undefined;
}

async function installed(env: NodeJS.ProcessEnv, note: (line: string) => void, install: (cache: string) => Promise<string>): Promise<ServerBinary> {
  const cache = serverCache(env);
  note(`installing nats-server into ${join(cache, '<version>')}`);
  try {
    const file = await install(cache);
    return { file, version: await versionOf(file), from: 'installed' };
  } catch (cause) {
    if (cause instanceof CannotInstall) throw serverMissing(cause.message, env, cause);
    throw cause;
  }
}
