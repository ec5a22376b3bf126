import { existsSync } from 'node:fs';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Blobs, Digest } from '../../../machines/build/ports.ts';
import { unpackBlob } from '../../sources/unpack-blob.ts';
import { withLock } from './lock.ts';
import { activeVersion, releaseDigest } from './look.ts';
import { replaceFile, stagingPath, sweep, type Site } from './steps.ts';

/** Unpack beside, then move in under the lock. The digest is written last: a release without one is no release. */
export async function prepareRelease(site: Site, blobs: Blobs, version: string, artifact: Digest): Promise<void> {
  const { at, disk } = site;
  const ready = async (): Promise<boolean> => await releaseDigest(at, version) === artifact;
  if (!await ready()) {
    await disk.mkdir(at.releases);
    const staged = await stagingPath(site, version);
    try {
      await unpackBlob(blobs, artifact, staged, { allowEmpty: true });
    } catch (error) {
      // Another process was faster and swept away what was on its way.
      if (!await ready()) throw error;
    }
    await withLock(at.lock, async () => { if (!await ready()) await moveIn(site, version, staged, artifact); });
  }
  await sweep(site, version);
}

async function moveIn(site: Site, version: string, staged: string, artifact: Digest): Promise<void> {
  const { at, disk } = site;
  if (await activeVersion(at) === version) {
    throw new TerminalError('release_active', `${at.app} ${version} is active with another artifact.`, { hint: 'Give the new artifact a version of its own.' });
  }
  await disk.remove(at.digest(version));
  if (existsSync(at.release(version))) await disk.rename(at.release(version), await stagingPath(site, version));
  await disk.rename(staged, at.release(version));
  await replaceFile(site, version, at.digest(version), artifact);
}
