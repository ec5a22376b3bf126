import { describe, expect, test } from 'vitest';
import { build, run, runUntil, stepNamed, stepsOf, undo, type Build } from './support/play.ts';
import { fakeWorld, type World } from './support/world.ts';

const source = '1'.repeat(64);
const plain = '2'.repeat(64);
const files = { Procfile: 'web: ./server\n', Makefile: 'all:\n\ttrue\n' };
const names = stepsOf(fakeWorld({})).map(({ name }) => name).filter((name) => !['build-artifact', 'handle-ephemeral', 'finalize'].includes(name));

type Moment = readonly ['before' | 'after', number];

/** An app of which nothing or one version is active, and a build of it that has come to `name`. */
async function before(name: string, isFirst: boolean) {
  const world = fakeWorld({ [source]: { ...files, 'millrace.toml': '[addons]\ncache = "kv"\nfiles = "objects"\n' }, [plain]: files });
  if (!isFirst) await runUntil(world, build('first', { app: 'shop', source: plain }));
  const start = world.picture();
  const one = build('second', { app: 'shop', source });
  const done = await runUntil(world, one, name);
  world.effects.length = 0;
  return { world, start, one, done };
}

async function momentsOf(name: string, isFirst: boolean): Promise<readonly Moment[]> {
  const { world, one } = await before(name, isFirst);
  await run(stepNamed(world, name), one);
  return [...world.effects.keys()].flatMap((index): Moment[] => [['before', index], ['after', index]]);
}

function gate(): readonly [Promise<void>, () => void] {
  let open = (): void => {};
  return [new Promise<void>((resolve) => { open = resolve; }), () => open()];
}

/** A run that stands still at that moment until it is let go. */
async function standstill(world: World, name: string, one: Build, [when, index]: Moment) {
  const [free, letGo] = gate();
  const [reached, reach] = gate();
  world.hook = (now, at) => {
    if (now !== when || at !== index) return undefined;
    world.hook = undefined;
    reach();
    return free;
  };
  const end = run(stepNamed(world, name), one).then(() => 'done', (error: { readonly code?: string }) => error.code);
  await reached;
  return async (): Promise<string | undefined> => {
    letGo();
    return await end;
  };
}

describe.each([['the first of its app', true], ['not the first of its app', false]] as const)('given a build, %s, that was cancelled while its worker was cut off', (_, isFirst) => {
  test.each(names)('when the worker begins %s after all was undone, then it changes nothing', async (name) => {
    const { world, start, one, done } = await before(name, isFirst);
    for (const step of [stepNamed(world, name), ...done.toReversed()]) await undo(step, one);
    world.effects.length = 0;
    await expect(run(stepNamed(world, name), one)).rejects.toMatchObject({ code: 'taken_back', retryable: false });
    // Reading a source makes its folder, and it is gone again; nothing else is even begun.
    const isReading = ['load-source', 'prepare-config'].includes(name);
    expect(world.effects).toEqual(isReading ? ['workspace.ensure build/second', 'workspace.remove build/second'] : []);
    expect(world.picture()).toEqual(start);
  });

  test.each(names)('when the worker is in the middle of %s and ends it late, then nothing of it stays', async (name) => {
    for (const moment of await momentsOf(name, isFirst)) {
      // After how many of the undos it goes on.
      const { done: { length } } = await before(name, isFirst);
      for (let after = 1; after <= length + 1; after++) {
        const { world, start, one, done } = await before(name, isFirst);
        const goOn = await standstill(world, name, one, moment);
        const undos = [stepNamed(world, name), ...done.toReversed()];
        for (const step of undos.slice(0, after)) await undo(step, one);
        const end = await goOn();
        for (const step of undos.slice(after)) await undo(step, one);
        expect(world.picture(), `${moment.join(' ')}, after ${after} undos: ${end}`).toEqual(start);
      }
    }
  });
});

describe('given a release that takes its time', () => {
  test('when its build is cancelled meanwhile, then it is active at no moment', async () => {
    const { world, one } = await before('set-active-version', false);
    const goOn = await standstill(world, 'set-active-version', one, ['after', 0]);
    await undo(stepNamed(world, 'set-active-version'), one);
    world.effects.length = 0;
    expect(await goOn()).toBe('taken_back');
    expect(world.effects.filter((effect) => /^(activate|update app)/.test(effect))).toEqual([]);
    expect(await world.ports.deployer.active('shop')).toBe('v1');
  });
});

describe('given a build that was cancelled while its worker was cut off, and a newer one that got its number', () => {
  test.each(names)('when the worker ends %s late, then the newer one stays as it is', async (name) => {
    for (const moment of await momentsOf(name, false)) {
      const { world, one, done } = await before(name, false);
      const goOn = await standstill(world, name, one, moment);
      for (const step of [stepNamed(world, name), ...done.toReversed()]) await undo(step, one);
      const newer = build('third', { app: 'shop', source: plain });
      await runUntil(world, newer);
      expect(newer.data).toMatchObject({ version: 'v2' });
      const now = world.picture();
      expect(await goOn(), `${moment.join(' ')}`).not.toBe('done');
      expect(world.picture(), `${moment.join(' ')}`).toEqual(now);
    }
  });
});
