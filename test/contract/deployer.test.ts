import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { releaseFolder } from '../../src/adapters/deployers/release-folder/deployer.ts';
import { fakeBlobs } from '../support/fake/blobs.ts';
import { fakeDeployer } from '../support/fake/deployer.ts';
import { deployerContract } from './deployer.contract.ts';

let dir: string | undefined;
afterAll(async () => { if (dir !== undefined) await rm(dir, { recursive: true, force: true }); });

deployerContract('fake', async () => {
  const blobs = fakeBlobs();
  const deployer = fakeDeployer(blobs);
  return { blobs, deployer, releases: async (app) => deployer.releases(app) };
});

deployerContract('release folder', async () => {
  const data = dir = await mkdtemp(join(tmpdir(), 'millrace-deployer-'));
  const blobs = fakeBlobs();
  const releases = async (app: string): Promise<string[]> => (await readdir(join(data, 'apps', app, 'releases'))).filter((name) => !name.startsWith('.')).toSorted();
  return { blobs, deployer: releaseFolder(data, blobs), releases };
});
