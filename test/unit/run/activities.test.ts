import { describe, expect, it } from 'vitest';
import type { ActivityScope } from '../../../src/kernel/definition.ts';
import type { Json } from '../../../src/kernel/json.ts';
import { runInput } from '../../../src/machines/run/input.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import type { BuildRunner } from '../../../src/machines/run/runner.ts';
import { fakeRunner } from '../../support/fake/runner.ts';

const scopeFor = (input: Json, effect: `${number}:${number}`, told: string[] = []): ActivityScope<never> => ({
  input: input as never, signal: new AbortController().signal, actor: 'run/r1', effect, key: `run/r1#${effect}`,
  progress: (message, percent) => { told.push(`${message} ${percent ?? ''}`.trim()); },
  now: () => 0, secret: () => { throw new Error('it has none'); }, wait: () => Promise.resolve(),
});

const call = (runner: BuildRunner, name: string, input: Json, effect: `${number}:${number}` = '1:0', told: string[] = []): Promise<unknown> => {
  const code = runDefinition({ runners: () => runner }).activities[name];
  if (code === undefined) throw new Error(`no activity ${name}`);
  return code(scopeFor(input, effect, told));
};

const start = async (runner: BuildRunner, metadata: Record<string, string>): Promise<string> =>
  (await call(runner, 'trigger', asked(metadata)) as { buildId: string }).buildId;
const once = (buildId: string): Json => ({ runner: 'fake', buildId, last: 'accepted', everyMs: 5000, forMs: 0 });

const asked = (metadata: Record<string, string>): Json => ({ runner: 'fake', base: [], head: [{ uri: 'source:x' }], metadata });

describe('the code behind a run', () => {
  it('given the answer of a trigger was lost, when another attempt is made, then it finds the same build and there is one', async () => {
    const runner = fakeRunner();
    const input = asked({ 'fake.trigger': 'lost ok' });
    await expect(call(runner, 'trigger', input, '1:0')).rejects.toMatchObject({ code: 'lost', retryable: true });
    const id = await call(runner, 'trigger', input, '4:0');
    expect(id).toEqual(await call(runner.reconnect(), 'trigger', input, '9:1'));
    expect(runner.started).toEqual(['run/r1']);
  });

  it('given a build that is asked about, when it goes on, then progress is told and the metadata comes at the end only', async () => {
    const runner = fakeRunner();
    const buildId = await start(runner, { 'fake.status': 'running succeeded', note: 'x' });
    const talking: BuildRunner = { ...runner, status: async (id) => ({ ...(await runner.status(id)), progress: { percent: 40, message: 'compiling' } }) };
    const told: string[] = [];
    expect(await call(talking, 'status', once(buildId), '2:0', told)).toEqual({ status: 'running', metadata: {} });
    expect(told).toEqual(['compiling 40']);
    expect(await call(talking, 'status', once(buildId))).toMatchObject({ status: 'succeeded', metadata: { note: 'x', outputActor: 'run/r1' } });
  });

  it('given a build output that belongs to somebody, when it is triggered, then it goes there', async () => {
    const runner = fakeRunner();
    const buildId = await start(runner, { outputActor: 'build/b1', 'fake.status': 'succeeded' });
    expect(await call(runner, 'status', once(buildId))).toMatchObject({ metadata: { outputActor: 'build/b1' } });
  });

  it('given a build to stop, when it is cancelled, then the runner hears it', async () => {
    const runner = fakeRunner();
    const buildId = await start(runner, {});
    await call(runner, 'cancel', { runner: 'fake', buildId });
    expect(runner.cancels).toEqual([buildId]);
  });
});

describe('what creates a run', () => {
  it('given a body that is none, when it is read, then it is refused', () => {
    for (const bad of [{}, { runner: '', head: [] }, { runner: 'noop', head: [{ uri: 3 }] }, { runner: 'noop', head: [], deadlineMs: 0 }, { runner: 'noop', head: [], poll: { runningMs: -1 } }]) {
      expect(runInput.safeParse(bad).success).toBe(false);
    }
    expect(runInput.parse({ runner: 'noop', head: [] })).toMatchObject({ base: [], metadata: {}, deadlineMs: 3_600_000 });
  });
});
