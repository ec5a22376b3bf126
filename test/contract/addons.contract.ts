import { beforeAll, describe, expect, it } from 'vitest';
import type { Addons, AddonSpec } from '../../src/machines/build/ports.ts';

export interface AddonsUnderTest {
  readonly addons: Addons;
  /** Is there such an addon in the world? */
  readonly exists: (app: string, spec: AddonSpec) => Promise<boolean>;
}

/** What every provider of addons does. */
export function addonsContract(name: string, make: () => Promise<AddonsUnderTest>): void {
  describe(`addons: ${name}`, () => {
    let test: AddonsUnderTest;
    let addons: Addons;
    beforeAll(async () => {
      test = await make();
      ({ addons } = test);
    });

    it.each(['kv', 'objects'] as const)('given an addon of kind %s that is not there, when a build asks for it, twice, then it is created for that build', async (kind) => {
      const spec = { name: 'main-store', kind };
      const first = await addons.provision(`new-${kind}`, spec, 'build/b1');
      expect(await addons.provision(`new-${kind}`, spec, 'build/b1')).toEqual(first);
      expect(first.created).toBe(true);
      expect(Object.keys(first.env).toSorted()).toEqual(['MILLRACE_ADDON_MAIN_STORE_BUCKET', 'MILLRACE_ADDON_MAIN_STORE_KIND', 'MILLRACE_ADDON_MAIN_STORE_URL']);
      expect(first.env['MILLRACE_ADDON_MAIN_STORE_KIND']).toBe(kind);
      expect(first.env['MILLRACE_ADDON_MAIN_STORE_BUCKET']).toContain(`new-${kind}_main-store`);
      expect(first.env['MILLRACE_ADDON_MAIN_STORE_URL']).toMatch(/^nats:\/\/[^@/]+$/);
      expect(await test.exists(`new-${kind}`, spec)).toBe(true);
    });

    it.each(['kv', 'objects'] as const)('given an addon of kind %s a build created, when it releases it, twice, then it is gone', async (kind) => {
      const spec = { name: 'a', kind };
      await addons.provision(`own-${kind}`, spec, 'build/b1');
      expect(await addons.release(`own-${kind}`, spec, 'build/b1')).toBe(true);
      expect(await test.exists(`own-${kind}`, spec)).toBe(false);
      expect(await addons.release(`own-${kind}`, spec, 'build/b1')).toBe(false);
      expect((await addons.provision(`own-${kind}`, spec, 'build/b2')).created).toBe(true);
    });

    it('given an addon of another build, when a build asks for it and releases it, then it was not created for it and stays', async () => {
      const spec = { name: 'a', kind: 'kv' } as const;
      await addons.provision('shared', spec, 'build/b1');
      const second = await addons.provision('shared', spec, 'build/b2');
      expect(second.created).toBe(false);
      expect(await addons.release('shared', spec, 'build/b2')).toBe(false);
      expect(await test.exists('shared', spec)).toBe(true);
    });

    it('given an addon that another build has been given since, when its creator releases it, then it stays', async () => {
      const spec = { name: 'a', kind: 'objects' } as const;
      await addons.provision('used', spec, 'build/b1');
      await addons.provision('used', spec, 'build/b2');
      expect((await addons.provision('used', spec, 'build/b1')).created).toBe(true);
      expect(await addons.release('used', spec, 'build/b1')).toBe(false);
      expect(await test.exists('used', spec)).toBe(true);
    });

    it('given two builds that ask at once, then it is created for exactly one', async () => {
      const spec = { name: 'a', kind: 'kv' } as const;
      const answers = await Promise.all([addons.provision('race', spec, 'build/b1'), addons.provision('race', spec, 'build/b2')]);
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
    });

    it.each(['', 'a.b', 'a b', '*'])('given %j as a name, then it is refused', async (bad) => {
      await expect(addons.provision('app', { name: bad, kind: 'kv' }, 'build/b1')).rejects.toMatchObject({ code: 'bad_addon_name', retryable: false });
      await expect(addons.release(bad, { name: 'a', kind: 'kv' }, 'build/b1')).rejects.toMatchObject({ code: 'bad_addon_name' });
    });
  });
}
