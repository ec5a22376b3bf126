import assert from 'node:assert/strict';
import type { BuildId } from '../../../machines/run/runner.ts';
import { ask, ended, includes, refused, untilEnded, type Course, type RunnerCase } from './harness.ts';
import { pausableCases } from './pausable.ts';

export type { PausableRunner, ProgressSample } from '../../../machines/run/pausable.ts';
export type { BuildId, BuildRunner, Change, Metadata, RunSample, RunStatus, TriggerRequest } from '../../../machines/run/runner.ts';
export type { Course, RunnerCase, RunnerHarness } from './harness.ts';

export interface CaseOptions {
  /** Add the rules of a PausableRunner. Needs the course `hang`. */
  readonly pausable?: boolean;
  /** Add the rules of a runner that verifies a base alone first. Needs `failingBase` of the harness. */
  readonly sides?: boolean;
}

/**
 * What every runner must do, for any test framework: one test a case, a fresh harness each.
 * `courses` are those this runner's builds can take; every one can succeed.
 */
export const runnerCases = (courses: readonly Course[], { pausable = false, sides = false }: CaseOptions = {}): readonly RunnerCase[] => [
  ...always,
  ...(courses.includes('fail') ? failing : []),
  ...(courses.includes('hang') ? hanging : []),
  ...(pausable ? pausableCases : []),
  ...(sides ? sided : []),
];

const always: readonly RunnerCase[] = [
  {
    name: 'given a build that goes well, when it is watched, then it ends succeeded and stays so, whoever asks',
    async run(harness) {
      const { runner } = harness;
      const id = await runner.trigger(await ask(harness, 'succeed'));
      assert.match(id, /^[\w-]+$/);
      const last = await untilEnded(runner, id);
      assert.equal(last.status, 'succeeded', JSON.stringify(last));
      assert.deepEqual(await runner.status(id), last);
      assert.deepEqual(await harness.another().status(id), last);
    },
  },
  {
    name: 'given the same key, when it is triggered again and at once and elsewhere, then there is one build',
    async run(harness) {
      const { runner } = harness;
      const asked = await ask(harness, 'succeed');
      const ids = await Promise.all([runner, runner, harness.another()].map((one) => one.trigger(asked)));
      assert.equal(new Set(ids).size, 1, `${ids.join(', ')} are not one build`);
      const [id] = ids;
      assert.ok(id !== undefined);
      await untilEnded(runner, id);
      assert.equal(await runner.trigger(asked), id);
      assert.equal((await runner.status(id)).status, 'succeeded');
      if (harness.began !== undefined) assert.equal(await harness.began(), 1);
    },
  },
  {
    name: 'given two keys, when both are triggered, then there are two builds',
    async run(harness) {
      const first = await harness.runner.trigger(await ask(harness, 'succeed', 'run/a'));
      const second = await harness.runner.trigger(await ask(harness, 'succeed', 'run/b'));
      assert.notEqual(first, second);
      await Promise.all([first, second].map((id) => untilEnded(harness.runner, id)));
    },
  },
  {
    name: 'given metadata, when the build is asked about, then it comes back as it was given',
    async run(harness) {
      const note = { note: 'päper & "quotes"\n\u2028', 'dotted.key': '', back: 'a\\n\tb\u0001' };
      const id = await harness.runner.trigger(await ask(harness, 'succeed', 'run/a', note));
      includes((await harness.runner.status(id)).metadata, note);
      includes((await untilEnded(harness.runner, id)).metadata, note);
    },
  },
  {
    name: 'given an id nobody was given, when it is asked about or cancelled, then that is said',
    async run(harness) {
      for (const id of ['nonsense', '../..', '', 'a'.repeat(32)] as BuildId[]) {
        await refused(harness.runner.status(id), 'unknown_build', false);
        await refused(harness.runner.cancel(id), 'unknown_build', false);
      }
    },
  },
  {
    name: 'given an ended build, when it is cancelled, then nothing happens to it',
    async run(harness) {
      const id = await harness.runner.trigger(await ask(harness, 'succeed'));
      const last = await untilEnded(harness.runner, id);
      await harness.runner.cancel(id);
      assert.deepEqual(await harness.runner.status(id), last);
    },
  },
];

const failing: readonly RunnerCase[] = [{
  name: 'given a build that goes wrong, when it is watched, then it ends failed and stays so',
  async run(harness) {
    const id = await harness.runner.trigger(await ask(harness, 'fail'));
    const last = await untilEnded(harness.runner, id);
    assert.equal(last.status, 'failed', JSON.stringify(last));
    assert.notEqual(last.metadata.infrastructure, 'true', 'the build itself went wrong, nobody else');
    assert.deepEqual(await harness.another().status(id), last);
  },
}];

const hanging: readonly RunnerCase[] = [{
  name: 'given a build that runs, when it is cancelled, twice and from elsewhere, then it ends cancelled',
  async run(harness) {
    const id = await harness.runner.trigger(await ask(harness, 'hang'));
    assert.ok(!ended.includes((await harness.runner.status(id)).status));
    await Promise.all([harness.runner.cancel(id), harness.another().cancel(id)]);
    assert.equal((await untilEnded(harness.runner, id)).status, 'cancelled');
  },
}];

const sided: readonly RunnerCase[] = [{
  name: 'given a base that goes wrong and a head that would go well, when it is watched, then it ends failed and the base is blamed',
  async run({ runner, failingBase }) {
    assert.ok(failingBase !== undefined, 'the harness must have failingBase');
    const last = await untilEnded(runner, await runner.trigger({ ...(await failingBase()), idempotencyKey: 'run/a' }));
    assert.deepEqual({ status: last.status, side: last.metadata.failedSide }, { status: 'failed', side: 'base' });
  },
}];
