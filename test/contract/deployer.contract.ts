import { beforeAll, describe, expect, it } from 'vitest';
import type { Blobs, Deployer } from '../../src/machines/build/ports.ts';
import { stream, tarOf } from '../unit/sources/support/archives.ts';

export interface DeployerUnderTest {
  readonly deployer: Deployer;
  readonly blobs: Blobs;
  /** The versions laid out, sorted. */
  readonly releases: (app: string) => Promise<readonly string[]>;
}

/** What every deployer does. */
export function deployerContract(name: string, make: () => Promise<DeployerUnderTest>): void {
  describe(`deployer: ${name}`, () => {
    let test: DeployerUnderTest;
    let deployer: Deployer;
    let apps = 0;
    beforeAll(async () => {
      test = await make();
      ({ deployer } = test);
    });
    const artifact = async (content: string): Promise<string> => (await test.blobs.put(stream(await tarOf({ name: 'app', content })))).digest;
    /** An app with these versions prepared, then activated one after the other. */
    const appWith = async (...versions: readonly string[]): Promise<string> => {
      const app = `app-${++apps}`;
      for (const version of versions) await deployer.prepare(app, version, await artifact(version));
      for (const version of versions) await deployer.activate(app, version);
      return app;
    };

    it('given an artifact, when it is prepared, then it lies there and nothing is active yet; again changes nothing', async () => {
      const app = `app-${++apps}`;
      const digest = await artifact('one');
      await deployer.prepare(app, 'v1', digest);
      await deployer.prepare(app, 'v1', digest);
      expect(await test.releases(app)).toEqual(['v1']);
      expect(await deployer.active(app)).toBeUndefined();
    });

    it('given an artifact nobody stored, or a release nobody prepared, then both are refused', async () => {
      await expect(deployer.prepare('app-x', 'v1', '0'.repeat(64))).rejects.toMatchObject({ code: 'unknown_blob', retryable: false });
      await expect(deployer.activate('app-x', 'v1')).rejects.toMatchObject({ code: 'unknown_release', retryable: false });
      expect(await deployer.active('app-x')).toBeUndefined();
    });

    it('given versions activated in turn, when each is, also once more, then it says what was active before its first time', async () => {
      const app = await appWith('v1');
      await deployer.prepare(app, 'v2', await artifact('two'));
      expect(await deployer.activate(app, 'v1')).toEqual({ previous: undefined });
      expect(await deployer.activate(app, 'v2')).toEqual({ previous: 'v1' });
      expect(await deployer.activate(app, 'v2')).toEqual({ previous: 'v1' });
      expect(await deployer.active(app)).toBe('v2');
      expect(await deployer.activate(app, 'v1')).toEqual({ previous: undefined });
      expect(await deployer.activate(app, 'v2')).toEqual({ previous: 'v1' });
    });

    it('given the active version, when it is taken back, then the one before it is active, down to none; again there is nothing to do', async () => {
      const app = await appWith('v1', 'v2');
      expect(await deployer.deactivate(app, 'v2')).toBe('restored');
      expect(await deployer.active(app)).toBe('v1');
      expect(await deployer.deactivate(app, 'v2')).toBe('nothing-to-do');
      expect(await deployer.deactivate(app, 'v1')).toBe('restored');
      expect(await deployer.active(app)).toBeUndefined();
      expect(await deployer.deactivate(app, 'v3')).toBe('nothing-to-do');
    });

    it('given a newer activation, when an older one is taken back, then the newer one is left alone', async () => {
      const app = await appWith('v1', 'v2', 'v3');
      expect(await deployer.deactivate(app, 'v2')).toBe('left-alone');
      expect(await deployer.active(app)).toBe('v3');
    });

    it('given a version taken back and removed in the middle, when the newer one is taken back too, then the one before both is active', async () => {
      const app = await appWith('v1', 'v2', 'v3');
      await deployer.deactivate(app, 'v2');
      await deployer.removeRelease(app, 'v2');
      expect(await deployer.deactivate(app, 'v3')).toBe('restored');
      expect(await deployer.active(app)).toBe('v1');
    });

    it('given the active release, when it is removed, then it is refused; given another, then it is gone, and gone again is fine', async () => {
      const app = await appWith('v1', 'v2');
      await expect(deployer.removeRelease(app, 'v2')).rejects.toMatchObject({ code: 'release_active', retryable: false });
      await deployer.removeRelease(app, 'v1');
      await deployer.removeRelease(app, 'v1');
      expect(await test.releases(app)).toEqual(['v2']);
      expect(await deployer.active(app)).toBe('v2');
    });

    it('given a version that was removed, when another build uses its name, then nothing of the first is remembered', async () => {
      const app = await appWith('v1', 'v2');
      await deployer.deactivate(app, 'v2');
      await deployer.removeRelease(app, 'v2');
      await deployer.prepare(app, 'v3', await artifact('three'));
      await deployer.activate(app, 'v3');
      await deployer.prepare(app, 'v2', await artifact('another two'));
      expect(await deployer.activate(app, 'v2')).toEqual({ previous: 'v3' });
    });

    it('given an active version, when it is prepared with another artifact, then it is refused; an inactive one takes the new one', async () => {
      const app = await appWith('v1');
      await expect(deployer.prepare(app, 'v1', await artifact('other'))).rejects.toMatchObject({ code: 'release_active' });
      await deployer.deactivate(app, 'v1');
      await deployer.prepare(app, 'v1', await artifact('other'));
      expect(await test.releases(app)).toEqual(['v1']);
    });

    it.each(['', '..', 'a/b', '.hidden', 'a.b'])('given %j as an app or version, then it is refused', async (bad) => {
      await expect(deployer.prepare(bad, 'v1', '0'.repeat(64))).rejects.toMatchObject({ code: 'bad_app_name', retryable: false });
      await expect(deployer.activate('app-x', bad)).rejects.toMatchObject({ code: 'bad_version' });
      await expect(deployer.removeRelease('app-x', bad)).rejects.toMatchObject({ code: 'bad_version' });
    });
  });
}
