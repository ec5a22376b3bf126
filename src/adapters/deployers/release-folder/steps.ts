import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import type { Layout } from './layout.ts';
import { activatedVersions, activationOf } from './look.ts';

/** One app, and how its disk is changed. */
export interface Site {
  readonly at: Layout;
  readonly disk: Disk;
}

/** A name nobody else uses for something of `version` that is on its way. */
export async function stagingPath({ at, disk }: Site, version: string): Promise<string> {
  await disk.mkdir(at.staging);
  return join(at.staging, `${version}.${randomUUID()}`);
}

/** Whole or not at all. */
export async function replaceFile(site: Site, version: string, path: string, text: string): Promise<void> {
  const staged = await stagingPath(site, version);
  await site.disk.write(staged, text);
  await site.disk.rename(staged, path);
}

/** The link to another release, or gone: at no moment half of it. The target is relative, so the data folder can move. */
export async function pointTo(site: Site, version: string, to: string | undefined): Promise<void> {
  if (to === undefined) return site.disk.remove(site.at.current);
  const staged = await stagingPath(site, version);
  await site.disk.symlink(join('releases', to), staged);
  await site.disk.rename(staged, site.at.current);
}

/** `on` is the version the caller works on: under its name a half-written one is swept away. */
export const writeActivation = (site: Site, on: string, version: string, previous: string | undefined): Promise<void> =>
  replaceFile(site, on, site.at.journal(version), JSON.stringify({ previous: previous ?? null }));

/** Takes a version out of the chain of activations: what came after it now comes after what was before it. */
export async function forgetActivation(site: Site, version: string): Promise<void> {
  const { at, disk } = site;
  const before = (await activationOf(at, version))?.previous;
  for (const later of await activatedVersions(at)) {
    if (later === version || (await activationOf(at, later))?.previous !== version) continue;
    await writeActivation(site, version, later, before === later ? undefined : before);
  }
  await disk.remove(at.journal(version));
}

/** Clear away what a process that died left of a version. */
export async function sweep({ at, disk }: Site, version: string): Promise<void> {
  const names = await readdir(at.staging).catch(() => []);
  for (const name of names) if (name.startsWith(`${version}.`)) await disk.remove(join(at.staging, name));
  await disk.removeEmpty(at.staging);
}
