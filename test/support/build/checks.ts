import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { natsEntities } from '../../../src/adapters/nats/entities.ts';
import type { Millrace } from '../../../src/connect.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { chainAudit, type AuditResult } from '../../../src/projections/audit.ts';

/** What is in the world of one app, contents and all: what a person would find who looks. */
export interface AppWorld {
  readonly entities: Readonly<Record<string, JsonObject>>;
  readonly active: unknown;
  readonly releases: readonly string[];
  readonly current: string | undefined;
  readonly buckets: readonly string[];
  /** Folders of builds at work, of any app. */
  readonly work: readonly string[];
}

/** Of an app nobody has built yet. */
export const emptyWorld: AppWorld = { entities: {}, active: null, releases: [], current: undefined, buckets: [], work: [] };

export async function appWorld(millrace: Millrace, dataDir: string, app: string): Promise<AppWorld> {
  const entities = natsEntities(millrace.broker);
  const found: [string, JsonObject][] = [];
  for (const kind of ['app', 'config', 'version']) {
    for (const { id, entity } of await entities.list(kind)) if (id === app || id.startsWith(`${app}-v`)) found.push([`${kind} ${id}`, entity.value]);
  }
  const folder = join(dataDir, 'apps', app);
  const prefix = millrace.broker.names.prefix.replaceAll('.', '_');
  return {
    entities: Object.fromEntries(found),
    active: (await entities.get('app', app))?.value.active ?? null,
    releases: (await namesIn(join(folder, 'releases'))).filter((name) => !name.startsWith('.')),
    current: await readlink(join(folder, 'current')).catch(() => undefined),
    buckets: (await streamNames(millrace)).filter((name) => name.includes(`_${prefix}_addon_${app}_`)).toSorted(),
    work: await workFolders(dataDir),
  };
}

const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).toSorted((a, b) => (a < b ? -1 : 1));

export async function streamNames(millrace: Millrace): Promise<string[]> {
  const names: string[] = [];
  for await (const name of millrace.broker.jsm.streams.names()) names.push(name);
  return names;
}

/** Commands nobody has acknowledged. Schedules that wait for their moment are none. */
export async function openCommands({ broker: { jsm, names } }: Millrace): Promise<string[]> {
  const { state } = await jsm.streams.info(names.streams.commands, { subjects_filter: '>' });
  return Object.keys(state.subjects ?? {}).filter((subject) => !subject.startsWith(`${names.prefix}.timer.`));
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
export const workFolders = (dataDir: string): Promise<string[]> => namesIn(join(dataDir, 'work'));
