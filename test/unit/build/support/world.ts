import { RetryableError, TerminalError } from '../../../../src/kernel/errors.ts';
import type { JsonObject } from '../../../../src/kernel/json.ts';
import type { AddonSpec, BuildPorts, Entity } from '../../../../src/machines/build/ports.ts';

const byKey = <Value>([a]: readonly [string, Value], [b]: readonly [string, Value]): number => (a < b ? -1 : 1);

type Files = Readonly<Record<string, string>>;

interface DeployedApp { readonly releases: Map<string, string>; readonly previous: Map<string, string | undefined>; active: string | undefined }

/** Everything a build touches, in memory, and a way to look at all of it at once. */
export interface World {
  readonly ports: BuildPorts;
  /** What stands in the world now; two equal pictures are two equal worlds. The marks of builds that were taken back stay, and are not in it. */
  readonly picture: () => unknown;
  readonly lines: Map<string, string>;
  /** Calls that change something, in order. */
  readonly effects: string[];
  /** Called around every effect; throw here to crash before or after it, or let it wait. */
  hook: ((when: 'before' | 'after', index: number) => Promise<void> | undefined) | undefined;
}

export function fakeWorld(sources: Readonly<Record<string, Files>>): World {
  const entities = new Map<string, Entity>();
  const workspaces = new Map<string, string>();
  const apps = new Map<string, DeployedApp>();
  const addons = new Map<string, string>();
  const lines = new Map<string, string>();
  const effects: string[] = [];
  let revision = 0;

  const world: World = { ports: makePorts(), picture, lines, effects, hook: undefined };
  return world;

  async function effect<T>(name: string, work: () => T): Promise<T> {
    await Promise.resolve();
    const index = effects.push(name) - 1;
    const before = world.hook?.('before', index);
    if (before !== undefined) await before;
    const result = work();
    const after = world.hook?.('after', index);
    if (after !== undefined) await after;
    return result;
  }

  function deployed(app: string): DeployedApp {
    const there = apps.get(app) ?? { releases: new Map<string, string>(), previous: new Map<string, string | undefined>(), active: undefined };
    apps.set(app, there);
    return there;
  }

  function picture(): unknown {
    return structuredClone({
      entities: Object.fromEntries([...entities].filter(([key]) => !key.startsWith('taken-back/')).map(([key, { value }]) => [key, value] as const).toSorted(byKey)),
      workspaces: [...workspaces].toSorted(byKey),
      apps: [...apps].filter(([, app]) => app.releases.size > 0).map(([name, app]) => [name, [...app.releases], app.active]),
      addons: [...addons].toSorted(byKey),
    });
  }

  function makePorts(): BuildPorts {
    const filesOf = (dir: string): Files => sources[dir.slice('dir:'.length)] ?? {};
    const addonKey = (app: string, { name, kind }: AddonSpec): string => `${app}/${kind}/${name}`;
    const write = (key: string, value: JsonObject): number => {
      revision += 1;
      entities.set(key, { value: structuredClone(value), revision });
      return revision;
    };
    return {
      blobs: {
        put: () => { throw new Error('no step stores a blob'); },
        has: async (digest) => sources[digest] !== undefined,
        get: () => { throw new Error('no step reads a blob'); },
      },
      workspaces: {
        ensure: (build, source) => effect(`workspace.ensure ${build}`, () => {
          if (sources[source] === undefined) throw new TerminalError('unknown_blob', `no ${source}`);
          workspaces.set(build, source);
          return `dir:${source}`;
        }),
        remove: (build) => effect(`workspace.remove ${build}`, () => { workspaces.delete(build); }),
      },
      tree: {
        list: async (dir) => [...new Set(Object.keys(filesOf(dir)).map((path) => path.replace(/\/.*/, '/')))].toSorted(),
        read: async (dir, path) => filesOf(dir)[path],
      },
      entities: {
        get: async (kind, id) => structuredClone(entities.get(`${kind}/${id}`)),
        create: (kind, id, value) => effect(`create ${kind}/${id}`, () => {
          if (entities.has(`${kind}/${id}`)) throw new TerminalError('entity_exists', `${kind}/${id}`);
          return write(`${kind}/${id}`, value);
        }),
        update: (kind, id, value, expected) => effect(`update ${kind}/${id}`, () => {
          if (entities.get(`${kind}/${id}`)?.revision !== expected) throw new RetryableError('entity_changed', `${kind}/${id}`);
          return write(`${kind}/${id}`, value);
        }),
        remove: (kind, id, expected) => effect(`remove ${kind}/${id}`, () => {
          const there = entities.get(`${kind}/${id}`);
          if (there === undefined) return true;
          return (expected === undefined || there.revision === expected) && entities.delete(`${kind}/${id}`);
        }),
        list: async (kind) => [...entities].filter(([key]) => key.startsWith(`${kind}/`)).map(([key, entity]) => ({ id: key.slice(kind.length + 1), entity })),
      },
      deployer: {
        prepare: (app, version, artifact) => effect(`prepare ${app} ${version}`, () => { deployed(app).releases.set(version, artifact); }),
        active: async (app) => apps.get(app)?.active,
        activate: (app, version) => effect(`activate ${app} ${version}`, () => {
          const there = deployed(app);
          if (!there.releases.has(version)) throw new TerminalError('unknown_release', version);
          if (there.active !== version && !there.previous.has(version)) there.previous.set(version, there.active);
          there.active = version;
          return { previous: there.previous.get(version) };
        }),
        deactivate: (app, version) => effect(`deactivate ${app} ${version}`, () => {
          const there = deployed(app);
          if (!there.previous.has(version)) return 'nothing-to-do';
          if (there.active !== version) return there.releases.has(version) ? 'left-alone' : 'nothing-to-do';
          there.active = there.previous.get(version);
          there.previous.delete(version);
          return 'restored';
        }),
        removeRelease: (app, version) => effect(`removeRelease ${app} ${version}`, () => {
          if (deployed(app).active === version) throw new TerminalError('release_active', version);
          deployed(app).releases.delete(version);
        }),
        location: (app) => `/releases/${app}/current`,
      },
      addons: {
        provision: (app, spec, owner) => effect(`provision ${app} ${spec.name}`, () => {
          const key = addonKey(app, spec);
          if (!addons.has(key)) addons.set(key, owner);
          return { created: addons.get(key) === owner, env: { [`${spec.name.toUpperCase()}_BUCKET`]: 'hidden-value' } };
        }),
        release: (app, spec, owner) => effect(`release ${app} ${spec.name}`, () => {
          const key = addonKey(app, spec);
          return addons.get(key) === owner && addons.delete(key);
        }),
      },
      say: async (_build, source, text, id) => { if (!lines.has(id)) lines.set(id, `${source}: ${text}`); },
      runners: ['process', 'noop'],
      now: () => 1_800_000_000_000,
    };
  }
}
