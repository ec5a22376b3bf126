import { TerminalError } from '../../../src/kernel/errors.ts';
import { requireToken } from '../../../src/kernel/names.ts';
import type { Blobs, Deployer } from '../../../src/machines/build/ports.ts';

interface FakeApp {
  active: string | undefined;
  /** version -> artifact */
  readonly releases: Map<string, string>;
  /** version -> what was active before it */
  readonly before: Map<string, string | undefined>;
}

export interface FakeDeployer extends Deployer {
  /** The versions laid out, sorted. */
  releases(app: string): readonly string[];
  /** Everything there is, for comparing worlds; an app without releases is not in it. */
  everything(): Record<string, { readonly active: string | undefined; readonly releases: readonly string[] }>;
}

/** Releases in memory. */
export function fakeDeployer(blobs: Blobs): FakeDeployer {
  const apps = new Map<string, FakeApp>();
  const appOf = (name: string): FakeApp => {
    requireToken(name, 'bad_app_name', 'the app');
    const app = apps.get(name) ?? { active: undefined, releases: new Map<string, string>(), before: new Map<string, string | undefined>() };
    apps.set(name, app);
    return app;
  };
  const of = (name: string, version: string): FakeApp => {
    requireToken(version, 'bad_version', 'the version');
    return appOf(name);
  };
  const releases = (name: string): readonly string[] => [...appOf(name).releases.keys()].toSorted();

  return {
    releases,
    everything: () => Object.fromEntries([...apps].filter(([, app]) => app.releases.size > 0).map(([name, { active }]) => [name, { active, releases: releases(name) }])),
    async prepare(name, version, artifact) {
      const app = of(name, version);
      if (app.releases.get(version) === artifact) return;
      if (!await blobs.has(artifact)) throw new TerminalError('unknown_blob', `There is no blob ${artifact}.`);
      if (app.active === version) throw new TerminalError('release_active', `${name} ${version} is active with another artifact.`);
      app.releases.set(version, artifact);
    },
    active: async (name) => appOf(name).active,
    async activate(name, version) {
      const app = of(name, version);
      if (!app.releases.has(version)) throw new TerminalError('unknown_release', `${name} has no complete release ${version}.`);
      if (!app.before.has(version)) app.before.set(version, app.active);
      app.active = version;
      return { previous: app.before.get(version) };
    },
    async deactivate(name, version) {
      const app = of(name, version);
      if (!app.before.has(version)) return 'nothing-to-do';
      if (app.active !== version) return 'left-alone';
      const previous = app.before.get(version);
      if (previous !== undefined && !app.releases.has(previous)) throw new TerminalError('previous_release_gone', `${name} ${version} stays active: ${previous} is gone.`);
      app.active = previous;
      forget(app, version);
      return 'restored';
    },
    async removeRelease(name, version) {
      const app = of(name, version);
      if (app.active === version) throw new TerminalError('release_active', `${name} ${version} is active.`);
      forget(app, version);
      app.releases.delete(version);
    },
    location: (name) => `fake:/apps/${name}/current`,
  };
}

function forget(app: FakeApp, version: string): void {
  const before = app.before.get(version);
  for (const [later, previous] of app.before) {
    if (later !== version && previous === version) app.before.set(later, before === later ? undefined : before);
  }
  app.before.delete(version);
}
