import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/kernel/json.ts';
import type { LogRecord } from '../../../src/kernel/record.ts';
import { runEndingLines, runView } from '../../../src/projections/run.ts';
import type { ActorView } from '../../../src/projections/view.ts';

const view = (context: Json): ActorView =>
  ({ actor: 'run/r1', machine: { name: 'run', version: '1', hash: 'x' }, status: 'running', value: { polling: 'waiting' }, context, seq: 7, waitingFor: [], requests: [] });

const failed = (at: number, code: string): LogRecord => ({
  actor: 'run/r1', seq: 1, at, type: 'activity.failed', cause: '1:0', machine: { name: 'run', version: '1', hash: 'x' }, chain: '',
  data: { activity: 'status', effect: '1:0', error: { name: 'Error', code, message: `it said ${code}`, retryable: true } },
});

describe('what is known of a run', () => {
  const context = {
    request: { runner: 'buildkite', base: [], head: [], metadata: { pr: '7' } }, buildId: '12', status: 'running', pausable: false,
    failures: 0, deadlineAt: 5000, leftMs: null, unwanted: null, promised: null, ended: null,
  };

  it('given a build that runs, then runner, build, its word, its metadata and its deadline are told', () => {
    expect(runView(view(context), [])).toEqual({
      actor: 'run/r1', status: 'running', value: { polling: 'waiting' }, seq: 7, runner: 'buildkite', buildId: '12', runnerStatus: 'running',
      metadata: { pr: '7' }, url: null, pausable: false, deadline: 5000, leftMs: null, failures: 0, lastFailure: null, unwanted: null, promised: null, ended: null,
    });
  });

  it('given calls that failed, then the last one is told; what was aborted because it was not wanted is none', () => {
    expect(runView(view(context), [failed(1, 'http_502'), failed(2, 'http_503'), failed(3, 'aborted')]).lastFailure).toEqual({ at: 2, call: 'status', code: 'http_503', message: 'it said http_503' });
  });

  it('given an end, then what the runner told is in its metadata, the URL among it, and no deadline is left', () => {
    const ended = { status: 'failed', metadata: { url: 'https://ci/12' }, infrastructure: false };
    expect(runView(view({ ...context, ended }), [])).toMatchObject({ metadata: { pr: '7', url: 'https://ci/12' }, url: 'https://ci/12', deadline: null, ended });
  });

  it('given a run that has only just been created, then nothing is made up', () => {
    expect(runView(view({}), [])).toMatchObject({ runner: '', buildId: null, runnerStatus: 'unknown', metadata: {}, url: null, deadline: null, ended: null });
  });
});

describe('the end of a run in words', () => {
  const lines = (output: JsonObject, status: 'completed' | 'failed' = 'failed'): readonly string[] => runEndingLines('run/r1', status, { infrastructure: false, metadata: {}, ...output });

  it('given a build that could not be started, when its runner says what would have been right, then people are told', () => {
    expect(lines({ reason: 'no command', hint: 'put one into the metadata' })).toEqual(['run/r1 failed: no command', '  put one into the metadata']);
  });

  it.each([
    ['the head', { metadata: { failedSide: 'head' } }, '  the head fails'],
    ['the base', { metadata: { failedSide: 'base' } }, '  the base fails already, which was assumed good; the head was not judged'],
    ['the runner', { infrastructure: true, metadata: { failedSide: 'head' } }, '  the runner or the way to it is to blame, not the change'],
  ])('given that %s is to blame, then that is said', (_who, output, said) => {
    expect(lines({ reason: 'exit code 1', ...output })).toEqual(['run/r1 failed: exit code 1', said]);
  });

  it('given a build with a page, an exit status and an artifact, then they are named; success needs no reason and no exit status', () => {
    expect(lines({ buildId: '12', exitStatus: 7, metadata: { url: 'https://ci/12' } })).toEqual(['run/r1 failed', '  build 12 at https://ci/12', '  exit status 7']);
    expect(lines({ buildId: '12', exitStatus: 0, reason: 'x', metadata: { artifact: 'abc' } }, 'completed')).toEqual(['run/r1 completed', '  build 12', '  artifact sha256 abc']);
  });
});
