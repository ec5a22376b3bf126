import { requireToken } from '../../../src/kernel/names.ts';
import type { Addons, AddonSpec } from '../../../src/machines/build/ports.ts';

export interface FakeAddons extends Addons {
  /** Every addon there is: `<kind>:<app>/<name>` -> who created it. */
  everything(): Record<string, string>;
}

/** Addons in memory. */
export function fakeAddons(): FakeAddons {
  const stored = new Map<string, { readonly owner: string; shared: boolean }>();
  return {
    everything: () => Object.fromEntries([...stored].map(([key, { owner }]) => [key, owner])),
    async provision(app, spec, owner) {
      const key = keyOf(app, spec);
      const addon = stored.get(key) ?? { owner, shared: false };
      if (addon.owner !== owner) addon.shared = true;
      stored.set(key, addon);
      const prefix = `MILLRACE_ADDON_${spec.name.toUpperCase().replaceAll('-', '_')}`;
      return { created: addon.owner === owner, env: { [`${prefix}_BUCKET`]: `fake_addon_${app}_${spec.name}`, [`${prefix}_KIND`]: spec.kind, [`${prefix}_URL`]: 'nats://fake:4222' } };
    },
    async release(app, spec, owner) {
      const key = keyOf(app, spec);
      const addon = stored.get(key);
      return addon !== undefined && addon.owner === owner && !addon.shared && stored.delete(key);
    },
  };
}

function keyOf(app: string, { name, kind }: AddonSpec): string {
  requireToken(app, 'bad_addon_name', 'the app');
  requireToken(name, 'bad_addon_name', 'the addon');
  return `${kind}:${app}/${name}`;
}
