import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { artifact, build, run, runUntil, stepNamed, undo, type Build } from './support/play.ts';
import { fakeWorld, type World } from './support/world.ts';

const source = '1'.repeat(64);
const other = '2'.repeat(64);
const world = (): World => fakeWorld({
  [source]: { Procfile: 'web: ./server\n', Makefile: '', 'millrace.toml': '[addons]\ncache = "kv"\n' },
  [other]: { Procfile: 'web: ./server\n', Makefile: '', 'millrace.toml': '[env]\nTIMES = "9"\nHIDDEN = { secret = true }\n' },
});
const shop = (id: string, more = {}): Build => build(id, { app: 'shop', source, ...more });

async function undoAll(there: World, one: Build, from = 'set-active-version'): Promise<void> {
  const names = ['receive-source', 'next-version', 'create-config-version', 'create-version', 'provision-addons', 'set-active-version'];
  for (const name of names.slice(0, names.indexOf(from) + 1).toReversed()) {
    const step = stepNamed(there, name);
    const output = Object.fromEntries(Object.keys(step.gives.shape).flatMap((key) => (one.data[key] === undefined ? [] : [[key, one.data[key]]])));
    await undo(step, one, output);
  }
}

describe('given a build from an empty world', () => {
  test('when it is done, then its version is active, its entities say what it is, and its folder is gone', async () => {
    const there = world();
    const one = shop('b1');
    await runUntil(there, one);
    expect(one.data).toMatchObject({ version: 'v1', artifact, location: '/releases/shop/current', configId: 'shop-v1-cfg', versionId: 'shop-v1' });
    expect(there.picture()).toMatchObject({
      entities: {
        'app/shop': { build: 'build/b1', counter: 1, numbers: { 'build/b1': 1 }, active: 'v1' },
        'version/shop-v1': { build: 'build/b1', app: 'shop', version: 'v1', source, artifact, stack: 'make', config: 'shop-v1-cfg' },
        'config/shop-v1-cfg': { build: 'build/b1', app: 'shop', version: 'v1' },
      },
      workspaces: [], apps: [['shop', [['v1', artifact]], 'v1']], addons: [['shop/kv/cache', 'build/b1']],
    });
  });

  test('when it speaks, then each step has said its line once, under a name a replay repeats', async () => {
    const there = world();
    await runUntil(there, shop('b1'));
    const spoken = [...there.lines.keys()];
    await runUntil(there, shop('b1'));
    expect([...there.lines.keys()]).toEqual(spoken);
    expect(there.lines.get('build/b1/load-source/done')).toBe('load-source: make source: builds with "make", gives .');
    expect(there.lines.get('build/b1/finalize/done')).toBe('finalize: done: shop v1, /releases/shop/current');
  });

  test('when the output cannot be written, then the build goes on', async () => {
    const there = world();
    const silent: World = { ...there, ports: { ...there.ports, say: () => Promise.reject(new Error('nobody there')) } };
    const one = shop('b1');
    await runUntil(silent, one);
    expect(one.data).toMatchObject({ version: 'v1' });
  });
});

describe('given two builds of one app', () => {
  test('when both want a number, then each has its own, and the config builds on the active one', async () => {
    const there = world();
    await runUntil(there, shop('b1', { env: { TIMES: '7' } }));
    const [two, three] = [build('b2', { app: 'shop', source: other }), build('b3', { app: 'shop', source: other, env: { TIMES: '' } })];
    await Promise.all([runUntil(there, two, 'set-active-version'), runUntil(there, three, 'set-active-version')]);
    expect(new Set([two.data['version'], three.data['version']])).toEqual(new Set(['v2', 'v3']));
    expect(two.data).toMatchObject({ activeBefore: 'v1', baseConfig: 'shop-v1-cfg' });
    const env = async (one: Build) => (await there.ports.entities.get('config', `shop-${z.string().parse(one.data['version'])}-cfg`))?.value['spec'];
    expect(await env(two)).toMatchObject({ env: { TIMES: { value: '7', from: 'given' } } });
    expect(await env(three)).toMatchObject({ env: { TIMES: { value: '9', from: 'file' } } });
  });

  test('when the earlier one is undone after the later was activated, then the later stays and it is said', async () => {
    const there = world();
    await runUntil(there, shop('b1'));
    const [two, three] = [shop('b2'), shop('b3')];
    await runUntil(there, two, 'finalize');
    await runUntil(there, three, 'finalize');
    await undoAll(there, two);
    expect(await there.ports.deployer.active('shop')).toBe('v3');
    expect(there.lines.get('build/b2/set-active-version/undone')).toContain('shop v3 is active: that is newer, so it was left alone');
    expect(there.picture()).toMatchObject({ entities: { 'app/shop': { counter: 3, active: 'v3', before: ['v1'] } }, apps: [['shop', [['v1', artifact], ['v3', artifact]], 'v3']] });
  });

  test('when the later one is undone too, then the version that still exists is active again, not the undone one', async () => {
    const there = world();
    await runUntil(there, shop('b1'));
    const [two, three] = [shop('b2'), shop('b3')];
    await runUntil(there, two, 'finalize');
    await runUntil(there, three, 'finalize');
    await undoAll(there, two);
    await undoAll(there, three);
    expect(await there.ports.deployer.active('shop')).toBe('v1');
    expect(there.picture()).toMatchObject({ entities: { 'app/shop': { active: 'v1' } }, apps: [['shop', [['v1', artifact]], 'v1']] });
  });

  test('when a step runs again after a newer activation, then the newer one keeps its place', async () => {
    const there = world();
    const [one, two] = [shop('b1'), shop('b2')];
    await runUntil(there, one, 'finalize');
    await runUntil(there, two, 'finalize');
    await run(stepNamed(there, 'set-active-version'), one);
    expect(await there.ports.deployer.active('shop')).toBe('v2');
  });

  test('when the slower one reaches the deployer last, then the one recorded last is still the active one', async () => {
    const there = world();
    const [one, two] = [shop('b1'), shop('b2')];
    await runUntil(there, one, 'set-active-version');
    await runUntil(there, two, 'set-active-version');
    const deployer = { ...there.ports.deployer };
    let once = true;
    const activate: typeof deployer.activate = async (app, version) => {
      if (once) {
        once = false;
        await run(stepNamed(there, 'set-active-version'), two);
      }
      return await deployer.activate(app, version);
    };
    await run(stepNamed({ ...there, ports: { ...there.ports, deployer: { ...deployer, activate } } }, 'set-active-version'), one);
    expect(await deployer.active('shop')).toBe('v2');
    expect(there.picture()).toMatchObject({ entities: { 'app/shop': { active: 'v2', before: ['v1'] } } });
  });

  test('when somebody switched the release by hand, then an undo leaves that alone', async () => {
    const there = world();
    await runUntil(there, shop('b1'));
    const two = shop('b2');
    await runUntil(there, two, 'finalize');
    await there.ports.deployer.prepare('shop', 'v99', artifact);
    await there.ports.deployer.activate('shop', 'v99');
    await undoAll(there, two);
    expect(await there.ports.deployer.active('shop')).toBe('v99');
  });

  test('when both are undone, whoever created the app, then nothing is left of it', async () => {
    const there = world();
    const empty = there.picture();
    const [one, two] = [shop('b1'), shop('b2')];
    await runUntil(there, one, 'create-config-version');
    await runUntil(there, two, 'create-config-version');
    await undoAll(there, one, 'next-version');
    expect(there.picture()).toMatchObject({ entities: { 'app/shop': { counter: 2, numbers: { 'build/b2': 2 } } } });
    await undoAll(there, two, 'next-version');
    expect(there.picture()).toEqual(empty);
  });

  test('when a version of that name belongs to somebody else, then the build says so and leaves it', async () => {
    const there = world();
    await there.ports.entities.create('version', 'shop-v1', { build: 'build/old' });
    const one = shop('b1');
    await runUntil(there, one, 'create-version');
    await expect(run(stepNamed(there, 'create-version'), one)).rejects.toMatchObject({ code: 'version_taken', retryable: false });
    await undo(stepNamed(there, 'create-version'), one);
    expect((await there.ports.entities.get('version', 'shop-v1'))?.value).toEqual({ build: 'build/old' });
  });
});

describe('given an ephemeral build', () => {
  test('when it is done, then there is a version that expires, and nothing was activated or provisioned', async () => {
    const there = world();
    const one = shop('b1', { label: 'pr-12', ttlMs: 60_000 });
    await runUntil(there, one);
    expect(one.data).toMatchObject({ ephemeralExpiresAt: 1_800_000_060_000, addons: [] });
    expect(there.picture()).toMatchObject({ apps: [], addons: [], entities: { 'version/shop-v1': { ephemeral: { label: 'pr-12', expiresAt: 1_800_000_060_000 } } } });
    expect(one.data).not.toHaveProperty('location');
  });

  test.each([
    [{ label: 'no blanks' }, 'bad_label'], [{ label: '' }, 'bad_label'], [{ label: 'a', ttlMs: 0 }, 'bad_ttl'],
    [{ label: 'a', ttlMs: -5 }, 'bad_ttl'], [{ label: 'a', ttlMs: 1e300 }, 'bad_ttl'], [{ ttlMs: 1000 }, 'bad_ttl'],
  ])('when it says %j, then it is refused with %s', async (input, code) => {
    const there = world();
    await expect(run(stepNamed(there, 'handle-ephemeral'), shop('b1', input))).rejects.toMatchObject({ code, retryable: false });
  });

  test('when nothing is said about its life, then it lives 24 hours', async () => {
    expect(await run(stepNamed(world(), 'handle-ephemeral'), shop('b1', { label: 'a' }))).toEqual({ ephemeralExpiresAt: 1_800_086_400_000 });
  });
});

describe('given what a build leaves in its log', () => {
  test('when the steps give, then no environment value is among it, from the file, the command or an addon', async () => {
    const there = fakeWorld({ [source]: { Makefile: '', 'millrace.toml': '[env]\nCOLOUR = "ultramarine"\n[services.web]\ncommand = "./server"\n[addons]\ncache = "kv"\n' } });
    const one = shop('b1', { env: { SHADE: 'periwinkle' } });
    await runUntil(there, one);
    const { env: _given, ...gave } = one.data;
    expect(JSON.stringify(gave)).not.toMatch(/ultramarine|periwinkle|hidden-value/);
    expect(gave['config']).toMatchObject({ env: ['COLOUR', 'SHADE'] });
    expect(gave['addons']).toEqual([{ name: 'cache', kind: 'kv', created: true, env: ['CACHE_BUCKET'] }]);
  });

  test('when the config it builds on has gone meanwhile, then it stops rather than store another than was checked', async () => {
    const there = world();
    await runUntil(there, shop('b1', { env: { TIMES: '7' } }));
    const two = shop('b2');
    await runUntil(there, two, 'create-config-version');
    await there.ports.entities.remove('config', 'shop-v1-cfg');
    await expect(run(stepNamed(there, 'create-config-version'), two)).rejects.toMatchObject({ code: 'config_changed' });
  });
});

describe('given a runner nobody has here', () => {
  test('when the build begins, then it is refused before anything is unpacked', async () => {
    const there = world();
    await expect(run(stepNamed(there, 'receive-source'), shop('b1', { runner: 'mainframe' }))).rejects.toMatchObject({ code: 'unknown_runner', hint: 'Choose one of: process, noop.' });
    expect(there.effects).toEqual([]);
  });
});
