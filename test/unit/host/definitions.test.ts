import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Definition } from '../../../src/kernel/definition.ts';
import { TerminalError } from '../../../src/kernel/errors.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import { makeWorld, type World } from '../../support/world.ts';

/** What the steps of all versions did, as `run a` and `undo a`. */
type Done = string[];

interface Version {
  readonly version: string;
  readonly steps: readonly string[];
  readonly resumesFrom?: readonly string[];
}

/** A saga of these steps. `hangs`: this activity does not end in the first worker. `fails`: it does its work and fails for good. */
function booking(done: Done, { version, steps, resumesFrom = [] }: Version, { hangs = '', fails = '' } = {}): Definition {
  const act = async (what: string): Promise<void> => {
    if (what === hangs) await new Promise(() => {});
    done.push(what);
  };
  return defineSaga({
    name: 'booking', version, resumesFrom, input: z.object({}),
    steps: steps.map((name) => step({
      name, needs: z.object({}), gives: z.object({ [name]: z.string() }),
      async run() {
        await act(`run ${name}`);
        if (`run ${name}` === fails) throw new TerminalError('sold_out', `${name} cannot be had`);
        return { [name]: name };
      },
      undo: () => act(`undo ${name}`),
    })),
  });
}

const old: Version = { version: '1', steps: ['a', 'b', 'c', 'd'] };

/** What may have become of the steps, and whether a log of the old ones can be gone on with: running at c, and undoing b. */
const changes: readonly { readonly what: string; readonly steps: readonly string[]; readonly running: boolean; readonly undoing: boolean }[] = [
  { what: 'adds a step at the end', steps: ['a', 'b', 'c', 'd', 'e'], running: true, undoing: true },
  { what: 'removes a step that was not begun', steps: ['a', 'b', 'c'], running: true, undoing: true },
  { what: 'renames a step that was not begun', steps: ['a', 'b', 'c', 'z'], running: true, undoing: true },
  { what: 'changes the order of what was not begun', steps: ['a', 'b', 'd', 'c'], running: true, undoing: false },
  { what: 'adds a step before those that are done', steps: ['x', 'a', 'b', 'c', 'd'], running: false, undoing: false },
  { what: 'removes a step that is done', steps: ['b', 'c', 'd'], running: false, undoing: false },
  { what: 'renames a step that is done', steps: ['a2', 'b', 'c', 'd'], running: false, undoing: false },
  { what: 'changes the order of what is done', steps: ['b', 'a', 'c', 'd'], running: false, undoing: false },
];

const moments = [
  { moment: 'running', course: { hangs: 'run c' }, before: ['run a', 'run b'] },
  { moment: 'undoing', course: { fails: 'run c', hangs: 'undo b' }, before: ['run a', 'run b', 'run c', 'undo c'] },
] as const;

const cases = changes.flatMap((change) => moments.flatMap((at) => [true, false].map((declared) => ({
  ...change, ...at, declared, resumes: declared && change[at.moment],
  name: `${change.what}, ${declared ? 'declared' : 'not declared'}`,
}))));

/** A saga of the old version whose worker dies at that moment. */
async function begun(done: Done, course: { readonly hangs?: string; readonly fails?: string }): Promise<World> {
  const world = makeWorld([booking(done, old)]);
  const first = await world.host({ definitions: [booking(done, old, course)] });
  await world.send('booking/b1', 'create', {}, 'begin');
  await world.clock.advance(100);
  first.crash();
  return world;
}

test.each(cases)('A7.16: given a saga that is $moment, when a worker comes whose definition $name, then it goes on there only if all that was done is known', async ({ moment, course, before, steps, declared, resumes }) => {
  const done: Done = [];
  const world = await begun(done, course);
  expect(done).toEqual(before);
  const length = world.records('booking/b1').length;
  const newer = booking(done, { version: '2', steps, ...(declared ? { resumesFrom: ['1'] } : {}) });
  const second = await world.host({ definitions: [newer] });
  await world.clock.advance(60_000);
  if (resumes) {
    expect((await world.board.get('booking/b1'))?.status).toBe(moment === 'running' ? 'completed' : 'failed');
    const stamps = world.records('booking/b1').map(({ machine }) => machine.version);
    expect(stamps).toEqual([...stamps.slice(0, length).fill('1'), ...stamps.slice(length).fill('2')]);
    if (moment === 'undoing') expect(done.slice(before.length)).toEqual(['undo b', 'undo a']);
    else expect(done).toEqual([...before, ...steps.filter((name) => !['a', 'b'].includes(name)).map((name) => `run ${name}`)]);
    return;
  }
  expect(done).toEqual(before);
  expect(world.records('booking/b1')).toHaveLength(length);
  expect(await world.board.get('booking/b1')).toMatchObject({ status: 'blocked', value: expect.stringMatching(/booking 1 \(\w{12}\).*booking 2 \(\w{12}\)/s) as string });
  expect(await world.dead.list()).toEqual([]);
  // Refusing again and again writes nothing.
  await world.clock.advance(120_000);
  expect(world.records('booking/b1')).toHaveLength(length);
  // A compatible worker goes on, at once, while the other one is still there.
  await world.host({ definitions: [booking(done, old)] });
  await world.clock.advance(12_000);
  expect((await world.board.get('booking/b1'))?.status).toBe(moment === 'running' ? 'completed' : 'failed');
  second.crash();
});

test('given a worker that declares what it cannot do, when one that can resume comes later, then that one goes on', async () => {
  const done: Done = [];
  const world = await begun(done, { hangs: 'run c' });
  await world.host({ definitions: [booking(done, { version: '2', steps: ['b', 'c', 'd'], resumesFrom: ['1'] })] });
  await world.clock.advance(60_000);
  expect((await world.board.get('booking/b1'))?.value).toMatch(/no longer knows what was completed: a/);
  await world.host({ definitions: [booking(done, { version: '3', steps: ['a', 'b', 'c', 'd'], resumesFrom: ['1', '2'] })] });
  await world.clock.advance(30_000);
  expect(done).toEqual(['run a', 'run b', 'run c', 'run d']);
  expect(world.records('booking/b1').at(-1)?.machine.version).toBe('3');
});

test('given a saga that has ended under an older definition, when somebody speaks to it, then the answer is how it ended, and it is not blocked', async () => {
  const done: Done = [];
  const world = makeWorld([booking(done, old)]);
  const first = await world.host();
  await world.send('booking/b1', 'create');
  await world.clock.advance(100);
  first.crash();
  await world.host({ definitions: [booking(done, { version: '2', steps: ['z'] })] });
  await world.send('booking/b1', 'cancel', {}, 'late');
  await world.clock.advance(5_000);
  expect(world.answer('late')).toMatchObject({ accepted: false, code: 'actor_ended', reason: 'booking/b1 has ended: completed' });
  expect((await world.board.get('booking/b1'))?.status).toBe('completed');
  expect(world.queue.stored()).toEqual([]);
});

test('given two workers of different definitions, when commands come for actors of both, then each is handled by the one that began it', async () => {
  const done: Done = [];
  const first = booking(done, old, { hangs: 'run c' });
  const world = makeWorld([booking(done, old)]);
  await world.host({ definitions: [first] });
  await world.send('booking/b1', 'create');
  await world.clock.advance(100);
  await world.host({ definitions: [booking(done, { version: '2', steps: ['z'] }, { hangs: 'run z' })] });
  for (const group of world.queue.upsets.groups()) world.queue.upsets.move(group);
  await world.send('booking/b1', 'stop', {}, 'old one');
  await world.clock.advance(1_000);
  expect(world.answer('old one')).toMatchObject({ accepted: true });
  expect(world.records('booking/b1').map(({ machine }) => machine.version)).not.toContain('2');
});

test.each([['its own version', ['2']], ['no token', ['1 2']]])('given a definition that resumes from %s, when it is made, then it is refused', (_what, resumesFrom) => {
  expect(() => booking([], { version: '2', steps: ['a'], resumesFrom })).toThrow(expect.objectContaining({ code: 'bad_resumes_from' }));
});
