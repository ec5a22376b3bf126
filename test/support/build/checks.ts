import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { natsEntities } from '../../../src/adapters/nats/entities.ts';
import type { Millrace } from '../../../src/connect.ts';
import { chainAudit, type AuditResult } from '../../../src/projections/audit.ts';

/** What is in the world of one app: what a person would find who looks. */
export interface AppWorld {
  readonly entities: readonly string[];
  readonly active: unknown;
  readonly releases: readonly string[];
  readonly current: string | undefined;
  readonly buckets: readonly string[];
}

export async function appWorld(millrace: Millrace, dataDir: string, app: string): Promise<AppWorld> {
  const entities = natsEntities(millrace.broker);
  const mine = async (kind: string): Promise<string[]> =>
    (await entities.list(kind)).filter(({ id }) => id === app || id.startsWith(`${app}-v`)).map(({ id }) => `${kind} ${id}`);
  const folder = join(dataDir, 'apps', app);
  return {
    entities: [...(await mine('app')), ...(await mine('config')), ...(await mine('version'))].toSorted(),
    active: (await entities.get('app', app))?.value.active ?? null,
    releases: (await readdir(join(folder, 'releases')).catch(() => [])).filter((name) => !name.startsWith('.')).toSorted(),
    current: await readlink(join(folder, 'current')).catch(() => undefined),
    buckets: (await streamNames(millrace)).filter((name) => name.includes(`_addon_${app}_`)).toSorted(),
  };
}

export async function streamNames(millrace: Millrace): Promise<string[]> {
  const names: string[] = [];
  for await (const name of millrace.broker.jsm.streams.names()) names.push(name);
  return names;
}

/** How often builds that append to this file ran. */
export const timesRan = async (file: string): Promise<number> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '').length;

export async function audit(millrace: Millrace): Promise<AuditResult> {
  const chains = chainAudit();
  for await (const record of millrace.log.readAll({ onBad: (error) => chains.unreadable(error.message) })) chains.add(record);
  return chains.result();
}

/** Folders of builds at work: empty when nothing is left behind. */
export const workFolders = async (dataDir: string): Promise<string[]> => (await readdir(join(dataDir, 'work')).catch(() => []));
