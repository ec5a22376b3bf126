import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { compareVersions, parseVersion } from './version.ts';

/** Where Millrace keeps servers it installed: one folder a version, `<cache>/millrace/nats-server/<version>/nats-server`. */
export function serverCache(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME;
  const cache = base !== undefined && isAbsolute(base) ? base : join(env.HOME || homedir(), '.cache');
  return join(cache, 'millrace', 'nats-server');
}

/** The cached servers' files, newest version first. */
export async function cachedServers(cache: string): Promise<string[]> {
  const folders = await readdir(cache).catch(() => []);
  return folders.filter((name) => parseVersion(name) === name)
    .sort((a, b) => compareVersions(b, a))
    .map((version) => join(cache, version, 'nats-server'));
}
