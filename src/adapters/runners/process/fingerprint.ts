import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../kernel/canonical.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import { readJson } from './files.ts';
import type { RunFolder, StoredRequest } from './folder.ts';

/** The same for the same request, however its keys are ordered. */
export const fingerprint = ({ base, head, metadata }: StoredRequest): string =>
  createHash('sha256').update(canonicalJson({ base, head, metadata })).digest('hex');

/**
 * A key that comes again with another request is not a retry: a broker that was emptied hands out its
 * names anew, and an old result must not pass for a new build.
 * @throws TerminalError `key_reused`.
 */
export async function requireSameRequest(folder: RunFolder, asked: StoredRequest): Promise<void> {
  const stored = await readJson<StoredRequest>(folder.request);
  const first = stored === undefined ? (await readJson<{ request?: string }>(folder.result))?.request : fingerprint(stored);
  if (first === undefined || first === fingerprint(asked)) return;
  throw new TerminalError('key_reused', `build ${folder.id} was started by another request under the same key`,
    { hint: 'use a new id for a new build, or remove the old one from the runs folder of the data folder' });
}
