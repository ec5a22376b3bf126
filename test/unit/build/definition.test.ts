import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/kernel/json.ts';
import { buildDefinition } from '../../../src/machines/build/definition.ts';
import { artifact, runStub, stepNamed, stepsOf } from './support/play.ts';
import { fakeWorld } from './support/world.ts';

const world = fakeWorld({});

describe('given the build machine', () => {
  test('when it is registered, then it is the saga "build" that "trigger" creates, with a run as its child', () => {
    const definition = buildDefinition({ ports: world.ports, run: runStub });
    expect(definition.stamp).toMatchObject({ name: 'build', version: '1', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(definition.createdBy).toBe('trigger');
    expect(definition.children).toEqual({ 'build-artifact': 'run' });
  });

  test('when its steps are listed, then they stand in this order, and their code under these names', () => {
    expect(stepsOf(world).map((step) => [step.name, step.undo === undefined ? '' : 'undo', step.bookkeeping === true ? 'bookkeeping' : ''].filter(Boolean).join(' '))).toMatchInlineSnapshot(`
      [
        "receive-source undo",
        "load-source",
        "next-version undo",
        "build-artifact",
        "prepare-config",
        "handle-ephemeral",
        "create-config-version undo",
        "create-version undo",
        "provision-addons undo",
        "set-active-version undo",
        "finalize bookkeeping",
      ]
    `);
    expect(Object.keys(buildDefinition({ ports: world.ports, run: runStub }).activities)).toMatchInlineSnapshot(`
      [
        "receive-source",
        "undo-receive-source",
        "load-source",
        "next-version",
        "undo-next-version",
        "prepare-config",
        "handle-ephemeral",
        "create-config-version",
        "undo-create-config-version",
        "create-version",
        "undo-create-version",
        "provision-addons",
        "undo-provision-addons",
        "set-active-version",
        "undo-set-active-version",
        "finalize",
      ]
    `);
  });
});

describe('given the step that builds at a runner', () => {
  const step = stepNamed(world, 'build-artifact');
  if (!('child' in step)) throw new Error('build-artifact has no child');
  const needs = { source: 'c'.repeat(64), app: 'shop', version: 'v1', runner: 'noop', buildActor: 'build/b1', stack: 'make', command: 'make', artifactPath: 'dist' };

  test('when it begins, then the run is told what to build, where the lines go and how long it may take', () => {
    const metadata = { command: 'make', artifact: 'dist', outputActor: 'build/b1', app: 'shop', version: 'v1', stack: 'make' };
    const input = { runner: 'noop', base: [], head: [{ uri: `source:${needs.source}` }], metadata };
    expect(step.childInput(needs)).toEqual(input);
    expect(step.childInput({ ...needs, buildTimeoutMs: 60_000 })).toEqual({ ...input, metadata: { ...metadata, timeoutMs: '60000' }, deadlineMs: 360_000 });
  });

  test('when the run succeeds, then the step gives the artifact', () => {
    expect(step.settle({ status: 'succeeded', metadata: { artifact, durationMs: '1200' }, infrastructure: false })).toEqual({ ok: true, gives: { artifact, buildMs: 1200 } });
  });

  test.each<[Json, string, boolean, string]>([
    [{ status: 'failed', metadata: { exitCode: '2', reason: 'exit_code', detail: 'the command ended with exit code 2' }, infrastructure: false }, 'build_failed', false, 'The build failed: the command ended with exit code 2.'],
    [{ status: 'failed', metadata: { exitCode: '2' } }, 'build_failed', false, 'The build failed: exit code 2.'],
    [{ status: 'failed', metadata: {}, reason: 'the deadline passed.', infrastructure: true }, 'runner_failed', true, 'The runner could not build: the deadline passed.'],
    [{ status: 'cancelled', metadata: {} }, 'build_cancelled', false, 'The build was cancelled at the runner.'],
    [{ status: 'succeeded', metadata: { artifact: 'dist' } }, 'no_artifact', false, 'The runner says the build succeeded, and hands over no artifact.'],
    [{ status: 'exploded' }, 'bad_run_output', false, expect.stringContaining('unreadable')],
    [null, 'bad_run_output', false, expect.stringContaining('unreadable')],
  ])('when the run ends with %j, then the step fails with %s', (output, code, retryable, message) => {
    expect(step.settle(output)).toMatchObject({ ok: false, error: { code, retryable, message } });
  });
});
