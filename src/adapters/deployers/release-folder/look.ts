import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Layout } from './layout.ts';

const gone = (error: unknown): undefined => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
};

/** The version the link names. @throws TerminalError `not_a_link`. */
export async function activeVersion(at: Layout): Promise<string | undefined> {
  const target = await readlink(at.current).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') return gone(error);
    throw new TerminalError('not_a_link', `${at.current} is not a link.`, { hint: 'Somebody replaced it. Move it away; Millrace makes the link again.', cause: error });
  });
  return target === undefined ? undefined : basename(target);
}

/** The digest of a complete release. */
export async function releaseDigest(at: Layout, version: string): Promise<string | undefined> {
  return existsSync(at.release(version)) ? readFile(at.digest(version), 'utf8').catch(gone) : undefined;
}

/** What was active before a version first became active; `previous` undefined: nothing was. */
export interface Activation {
  readonly previous: string | undefined;
}

export async function activationOf(at: Layout, version: string): Promise<Activation | undefined> {
  const text = await readFile(at.journal(version), 'utf8').catch(gone);
  if (text === undefined) return undefined;
  const { previous } = JSON.parse(text) as { previous: string | null };
  return { previous: previous ?? undefined };
}

/** The versions that were activated and not taken back since. */
export async function activatedVersions(at: Layout): Promise<readonly string[]> {
  const names = (await readdir(at.releases).catch(gone)) ?? [];
  return names.flatMap((name) => /^\.([\w-]+)\.activation\.json$/.exec(name)?.[1] ?? []);
}
