import { beforeEach, describe, expect, test } from 'vitest';
import { RetryableError } from '../../../src/kernel/errors.ts';
import { build, run, runUntil, stepNamed, stepsOf, undo, type Build } from './support/play.ts';
import { fakeWorld, type World } from './support/world.ts';

const source = '1'.repeat(64);
const files = {
  'millrace.toml': '[env]\nCOLOUR = "green"\n[addons]\ncache = "kv"\nfiles = "objects"\n',
  Procfile: 'web: ./server\n',
  Makefile: 'all:\n\ttrue\n',
};
const names = stepsOf(fakeWorld({})).map(({ name }) => name).filter((name) => name !== 'build-artifact');
const undoable = stepsOf(fakeWorld({})).filter((step) => step.undo !== undefined).map(({ name }) => name);

/** An app with one active version, and a second build that has come to `name`. */
async function before(name: string): Promise<{ world: World; one: Build }> {
  const world = fakeWorld({ [source]: files });
  await runUntil(world, build('first', { app: 'shop', source, env: { OWNER: 'ada' } }));
  const one = build('second', { app: 'shop', source });
  await runUntil(world, one, name);
  world.effects.length = 0;
  return { world, one };
}

/** How many effects the step has when nothing disturbs it, and what it leads to. */
async function undisturbed(name: string) {
  const { world, one } = await before(name);
  const start = world.picture();
  const gives = await run(stepNamed(world, name), one);
  return { start, gives, effects: [...world.effects], end: world.picture() };
}

function crashAt(world: World, when: 'before' | 'after', index: number): void {
  world.hook = (now, at) => {
    if (now !== when || at !== index) return undefined;
    world.hook = undefined;
    throw new RetryableError('crash', `${when} effect ${index}`);
  };
}

describe('given a step that was done and not recorded, because the worker died', () => {
  test.each(names)('when %s runs again, then it gives the same and the world has one effect', async (name) => {
    const { gives, end } = await undisturbed(name);
    const { world, one } = await before(name);
    const step = stepNamed(world, name);
    await run(step, one);
    expect(await run(step, one)).toEqual(gives);
    expect(world.picture()).toEqual(end);
  });
});

describe('given a worker that dies before or after any single effect of a step', () => {
  test.each(names)('when %s runs again, then it ends as if nothing had happened', async (name) => {
    const { gives, effects, end } = await undisturbed(name);
    for (const when of ['before', 'after'] as const) {
      for (const index of effects.keys()) {
        const { world, one } = await before(name);
        crashAt(world, when, index);
        await expect(run(stepNamed(world, name), one), `${when} ${effects[index]}`).rejects.toThrow(`${when} effect ${index}`);
        expect(await run(stepNamed(world, name), one), `${when} ${effects[index]}`).toEqual(gives);
        expect(world.picture(), `${when} ${effects[index]}`).toEqual(end);
      }
    }
  });

  test.each(undoable)('when %s is undone as perhaps applied, then the world is as before it', async (name) => {
    const { effects } = await undisturbed(name);
    for (const when of ['before', 'after'] as const) {
      for (const index of effects.keys()) {
        const { world, one } = await before(name);
        const start = world.picture();
        crashAt(world, when, index);
        await run(stepNamed(world, name), one).catch(() => undefined);
        await undo(stepNamed(world, name), one);
        await undo(stepNamed(world, name), one);
        expect(world.picture(), `${when} ${effects[index]}`).toEqual(start);
      }
    }
  });

  test.each(undoable)('when the undo of %s is the one that dies, then doing it again brings the world back', async (name) => {
    const count = await undoEffects(name);
    expect(count).toBeGreaterThan(0);
    for (const when of ['before', 'after'] as const) {
      for (let index = 0; index < count; index += 1) {
        const { world, one } = await before(name);
        const start = world.picture();
        const step = stepNamed(world, name);
        const gives = await run(step, one);
        world.effects.length = 0;
        crashAt(world, when, index);
        await expect(undo(step, one, gives)).rejects.toThrow('effect');
        await undo(step, one, gives);
        await undo(step, one, gives);
        expect(world.picture()).toEqual(start);
      }
    }
  });
});

async function undoEffects(name: string): Promise<number> {
  const { world, one } = await before(name);
  const gives = await run(stepNamed(world, name), one);
  world.effects.length = 0;
  await undo(stepNamed(world, name), one, gives);
  return world.effects.length;
}

describe('given a first build of an app that fails at a step', () => {
  let world: World;
  beforeEach(() => { world = fakeWorld({ [source]: files }); });

  test.each(stepsOf(fakeWorld({})).map(({ name }) => name))('when it is %s, then the undo in reverse leaves an empty world', async (name) => {
    const empty = world.picture();
    const one = build('only', { app: 'shop', source });
    const done = await runUntil(world, one, name);
    for (const step of [stepNamed(world, name), ...done.toReversed()]) await undo(step, one);
    expect(world.picture()).toEqual(empty);
  });
});
