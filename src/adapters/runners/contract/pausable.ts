import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { PausableRunner, ProgressSample } from '../../../machines/run/pausable.ts';
import type { BuildId, BuildRunner } from '../../../machines/run/runner.ts';
import { ask, refused, untilEnded, type RunnerCase, type RunnerHarness } from './harness.ts';

/** What a runner that can pause must do besides. */
export const pausableCases: readonly RunnerCase[] = [
  {
    name: 'given a build that runs, when it is stopped and started, twice each, then every start that let it go on is a new generation',
    async run(harness) {
      const { runner, id } = await running(harness);
      assert.equal((await runner.progress(id)).generation, 1);
      await runner.stop(id);
      await runner.stop(id);
      assert.deepEqual(about(await runner.progress(id)), { generation: 1, state: 'stopped' });
      assert.equal((await runner.status(id)).status, 'running');
      const elsewhere = pausable(harness.another());
      assert.equal(await elsewhere.start(id), 2);
      assert.equal(await runner.start(id), 2);
      assert.deepEqual(about(await runner.progress(id)), { generation: 2, state: 'running' });
      await runner.stop(id);
      assert.equal(await runner.start(id), 3);
      await runner.cancel(id);
      await untilEnded(runner, id);
    },
  },
  {
    name: 'given a stopped build, when it is cancelled, then it ends cancelled',
    async run(harness) {
      const { runner, id } = await running(harness);
      await runner.stop(id);
      await runner.cancel(id);
      assert.equal((await untilEnded(runner, id)).status, 'cancelled');
      assert.equal((await runner.progress(id)).state, 'ended');
    },
  },
  {
    name: 'given an ended or unknown build, when it is stopped or started, then nothing happens to the one, and the other is refused',
    async run(harness) {
      const runner = pausable(harness.runner);
      const id = await runner.trigger(await ask(harness, 'succeed'));
      const last = await untilEnded(runner, id);
      await runner.stop(id);
      await runner.start(id);
      assert.deepEqual(await runner.status(id), last);
      assert.equal((await runner.progress(id)).state, 'ended');
      const nobody = 'a'.repeat(32) as BuildId;
      await refused(runner.stop(nobody), 'unknown_build', false);
      await refused(runner.start(nobody), 'unknown_build', false);
      await refused(runner.progress(nobody), 'unknown_build', false);
    },
  },
];

const about = ({ generation, state }: ProgressSample): Pick<ProgressSample, 'generation' | 'state'> => ({ generation, state });

function pausable(runner: BuildRunner): PausableRunner {
  assert.ok('stop' in runner && 'start' in runner && 'progress' in runner, 'it must have stop, start and progress');
  return runner as PausableRunner;
}

async function running(harness: RunnerHarness): Promise<{ runner: PausableRunner; id: BuildId }> {
  const runner = pausable(harness.runner);
  const id = await runner.trigger(await ask(harness, 'hang'));
  for (const until = performance.now() + 30_000; ; await pause(20)) {
    if ((await runner.status(id)).status === 'running' && (await runner.progress(id)).state === 'running') return { runner, id };
    assert.ok(performance.now() < until, 'the build did not begin to run');
  }
}
