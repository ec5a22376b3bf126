import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A sandbox as everybody sees it. Each step writes its own fields and leaves the others alone. */
export interface SandboxRecord {
  readonly status?: 'RUNNING' | 'STOPPED' | 'DEAD';
  readonly address?: string;
}

/** One folder that holds all there is to know of the sandboxes of this machine. */
export const places = (dir: string) => ({
  lease: (port: number): string => join(dir, 'ports', String(port)),
  leases: join(dir, 'ports'),
  home: (sandbox: string): string => join(dir, 'sandboxes', sandbox),
  record: (sandbox: string): string => join(dir, 'records', `${sandbox}.json`),
  metrics: (sandbox: string): string => join(dir, 'metrics', `${sandbox}.json`),
  service: (service: string): string => join(dir, 'services', `${service}.json`),
  takenBack: (stepKey: string): string => join(dir, 'taken-back', stepKey.replaceAll('/', '.')),
});

export async function readJson<T>(path: string, none: T): Promise<T> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? none : (JSON.parse(text) as T);
}

/** Whoever reads it meanwhile sees the old or the new one, never half of it. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const draft = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  await writeFile(draft, JSON.stringify(value));
  await rename(draft, path);
}

/** A value without keys is no file at all. */
export async function patchJson<T extends object>(path: string, change: { readonly [K in keyof T]?: T[K] | undefined }): Promise<void> {
  const kept = Object.entries({ ...(await readJson<object>(path, {})), ...change }).filter(([, value]) => value !== undefined);
  if (kept.length === 0) await rm(path, { force: true });
  else await writeJson(path, Object.fromEntries(kept));
}

/** Ports of the loopback interface that this machine's sandboxes may have. */
const firstPort = 24_100;
const lastPort = 24_899;

/** `count` ports for this owner: those it has already, and free ones. Two owners can never have the same one. */
export async function leasePorts(dir: string, owner: string, count: number): Promise<readonly number[]> {
  const { lease, leases } = places(dir);
  await mkdir(leases, { recursive: true });
  const mine = await leasedPorts(dir, owner);
  // Written whole under another name first: a lease without its owner would never be given back.
  const draft = join(leases, `.${owner.replaceAll('/', '.')}`);
  await writeFile(draft, owner);
  for (let port = firstPort; mine.length < count && port <= lastPort; port++) {
    const isFree = await link(draft, lease(port)).then(() => true, (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    });
    if (isFree) mine.push(port);
  }
  await rm(draft);
  if (mine.length < count) throw new Error(`no port of ${firstPort} to ${lastPort} is free`);
  return mine.sort((a, b) => a - b);
}

export async function releasePorts(dir: string, owner: string): Promise<void> {
  for (const port of await leasedPorts(dir, owner)) await rm(places(dir).lease(port), { force: true });
}

async function leasedPorts(dir: string, owner: string): Promise<number[]> {
  const { lease, leases } = places(dir);
  const ports = (await readdir(leases).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const owners = await Promise.all(ports.map((port) => readFile(lease(port), 'utf8').catch(() => '')));
  return ports.filter((_port, index) => owners[index] === owner);
}
