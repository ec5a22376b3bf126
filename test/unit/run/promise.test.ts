import { describe, expect, it } from 'vitest';
import { withPromise, type RunOutput } from '../../../src/machines/run/output.ts';
import { makeRig, minute, second } from './support/rig.ts';
import { httpError, RunPlay, triggered } from './support/play.ts';

const output = (status: RunOutput['status'], metadata: Record<string, string> = {}, more: Partial<RunOutput> = {}): RunOutput =>
  ({ status, metadata, infrastructure: false, ...more });
const promised = { exitStatus: 7, reason: 'three tests failed' };

describe('the final status', () => {
  it.each<[string, RunOutput, Partial<RunOutput>]>([
    ['success', output('succeeded', { exitCode: '0' }), { status: 'failed', exitStatus: 7, reason: 'three tests failed' }],
    ['success that says no exit code', output('succeeded'), { status: 'failed', exitStatus: 7, reason: 'three tests failed' }],
    ['a soft failure', output('failed', { softFail: 'true', exitCode: '2' }, { reason: 'lint' }), { status: 'failed', exitStatus: 7, reason: 'three tests failed' }],
    ['another hard failure', output('failed', { exitCode: '2' }, { reason: 'broken' }), { status: 'failed', exitStatus: 2, reason: 'broken' }],
    ['a hard failure without an exit code', output('failed', {}, { reason: 'broken' }), { status: 'failed', reason: 'broken' }],
    ['a lost worker, softly', output('failed', { softFail: 'true' }, { reason: 'lost', infrastructure: true }), { status: 'failed', reason: 'lost', infrastructure: true }],
    ['a deadline', output('failed', {}, { reason: 'the deadline of 1 ms has passed' }), { status: 'failed', reason: 'the deadline of 1 ms has passed' }],
    ['a cancel', output('cancelled', {}, { reason: 'superseded' }), { status: 'cancelled', reason: 'superseded' }],
  ])('given a promise, when the build ends with %s, then it is as the table says', (_what, reported, expected) => {
    const end = withPromise(reported, promised);
    expect(end).toEqual({ ...reported, ...expected, promised });
  });

  it('given no promise, when a build ends, then it is as reported, with its exit status where that is known', () => {
    expect(withPromise(output('succeeded', { exitCode: '0' }), null)).toEqual(output('succeeded', { exitCode: '0' }, { exitStatus: 0 }));
    expect(withPromise(output('failed', { exitCode: '-1' }), null)).toEqual(output('failed', { exitCode: '-1' }));
  });
});

describe('a promised failure', () => {
  const running = async () => {
    const rig = makeRig({ status: ({ ranMs }) => (ranMs > minute ? 'succeeded' : 'running') }, { pausable: true });
    await rig.world.host();
    await rig.trigger();
    await rig.world.clock.advance(10 * second);
    return rig;
  };

  it('given a build that runs, when a failure is promised, then it is failing at once, goes on, and fails with that status', async () => {
    const { world, ask, context, untilEnded } = await running();
    expect(await ask('promise', promised)).toMatchObject({ accepted: true });
    expect(context().promised).toEqual(promised);
    expect(world.signals.said).toContainEqual({ kind: 'emit', actor: 'run/r1', body: { type: 'failing', ...promised } });
    expect(world.status('run/r1')).toBe('running');
    expect(await untilEnded()).toMatchObject({ status: 'failed', exitStatus: 7, reason: 'three tests failed', promised });
  });

  it('given a promise, when it is repeated with the same status, then it is taken, changes nothing and tells nobody', async () => {
    const { world, ask, context } = await running();
    await ask('promise', promised);
    expect(await ask('promise', { exitStatus: 7, reason: 'another reason' })).toMatchObject({ accepted: true });
    expect(context().promised).toEqual(promised);
    expect(world.signals.said.filter(({ body }) => body.type === 'failing')).toHaveLength(1);
  });

  it('given a promise, when another status is promised, then it is refused, and told which one stands', async () => {
    const { ask } = await running();
    await ask('promise', { exitStatus: 7 });
    expect(await ask('promise', { exitStatus: 8 })).toMatchObject({ accepted: false, code: 'other_status_promised', reason: 'exit status 7 was promised before, and stands' });
  });

  it('given a reason with a secret, when it is promised to the run itself, then its log, its end and its messages hold none of it', async () => {
    const { world, ask, untilEnded } = await running();
    expect(await ask('promise', { exitStatus: 7, reason: `login with password=hunter2 failed ${'x'.repeat(2_000)}` })).toMatchObject({ accepted: true });
    const { reason } = await untilEnded() as { readonly reason: string };
    expect(reason).toMatch(/^login with password=\[redacted\] failed x+…$/);
    expect(reason).toHaveLength(1_000);
    expect(JSON.stringify([world.records('run/r1'), world.signals.said, await world.board.list()])).not.toContain('hunter2');
  });

  it.each([0, 256, 1.5, 'one', null])('given the exit status %s, when it is promised, then it is refused', async (exitStatus) => {
    const { ask, context } = await running();
    expect(await ask('promise', { exitStatus })).toMatchObject({ accepted: false, code: 'bad_body' });
    expect(context().promised).toBeNull();
  });

  it('given an ended run, when a failure is promised, then it is refused as ended and the success stays', async () => {
    const { ask, untilEnded, output: ended } = await running();
    await untilEnded();
    expect(await ask('promise', { exitStatus: 7 })).toMatchObject({ accepted: false, code: 'actor_ended' });
    expect(ended()).toMatchObject({ status: 'succeeded' });
  });

  it('given a build in any state before its end, when a failure is promised, then it is taken', () => {
    const states: Record<string, RunPlay> = { triggering: new RunPlay(), polling: triggered() };
    const pausable = (): RunPlay => new RunPlay().done('trigger', { buildId: 'b1', pausable: true });
    const stopped = { generation: 1, state: 'stopped', status: 'running', metadata: {} };
    (states.stopping = pausable()).send('stop');
    (states.stopped = pausable()).send('stop');
    states.stopped.done('stop', stopped);
    (states.starting = pausable()).send('stop');
    states.starting.done('stop', stopped).send('start');
    (states.cancelling = triggered()).send('cancel');
    for (const [name, play] of Object.entries(states)) {
      expect(JSON.stringify(play.value)).toContain(name);
      expect({ name, taken: play.send('promise', { exitStatus: 3 }) }).toEqual({ name, taken: true });
    }
  });

  it('given a build whose end is known and told, when a failure is promised, then it is too late', () => {
    const play = new RunPlay().fail('trigger', httpError('http_401', false));
    expect(play.running).toEqual(['give-up']);
    expect([play.send('promise', { exitStatus: 3 }), play.send('cancel')]).toEqual([false, false]);
  });
});
