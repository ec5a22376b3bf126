import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { compareVersions, parseVersion } from './version.ts';

/** Where this machine's user keeps what can be had again: `<cache>/millrace/<name>`. */
export function cacheFolder(env: NodeJS.ProcessEnv, name: string): string {
  const base = env.XDG_CACHE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(env.HOME || homedir(), '.cache'), 'millrace', name);
}

/** Where Millrace keeps servers it installed: one folder a version, `<cache>/millrace/nats-server/<version>/nats-server`. */
export const serverCache = (env: NodeJS.ProcessEnv): string => cacheFolder(env, 'nats-server');

/** The cached servers' files, newest version first. */
export async function cachedServers(cache: string): Promise<string[]> {
  const folders = await readdir(cache).catch(() => []);
  return folders.filter((name) => parseVersion(name) === name)
    .sort((a, b) => compareVersions(b, a))
    .map((version) => join(cache, version, 'nats-server'));
}
