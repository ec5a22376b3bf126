import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { BuildId, BuildRunner, RunSample, RunStatus, TriggerRequest } from '../../../machines/run/runner.ts';

/** How a build is to go. `hang`: until it is cancelled. */
export type Course = 'succeed' | 'fail' | 'hang';

/** One fresh backend with a runner in front of it, made for every case and closed after it. */
export interface RunnerHarness {
  readonly runner: BuildRunner;
  /** The same backend, as another worker sees it. */
  another(): BuildRunner;
  /** Head and metadata that make a build take this course. */
  course(course: Course): Promise<Pick<TriggerRequest, 'head' | 'metadata'>>;
  /** Changes and metadata of a build whose base goes wrong, while base and head together would go well. */
  failingBase?(): Promise<Pick<TriggerRequest, 'base' | 'head' | 'metadata'>>;
  /** How many builds the backend began, where that can be told. */
  began?(): Promise<number>;
  close(): Promise<void>;
}

/** One rule of the contract. `run` rejects with an AssertionError when the runner breaks it. */
export interface RunnerCase {
  readonly name: string;
  run(harness: RunnerHarness): Promise<void>;
}

export const ended: readonly RunStatus[] = ['succeeded', 'failed', 'cancelled'];

export const ask = async (harness: RunnerHarness, course: Course, key = 'run/a', more: Record<string, string> = {}): Promise<TriggerRequest> => {
  const { head, metadata } = await harness.course(course);
  return { base: [], head, metadata: { ...metadata, ...more }, idempotencyKey: key };
};

/** Ask until it has ended, by the suite's own patience. */
export async function untilEnded(runner: BuildRunner, id: BuildId, withinMs = 60_000): Promise<RunSample> {
  for (const until = performance.now() + withinMs; ; await pause(20)) {
    const sample = await runner.status(id);
    if (ended.includes(sample.status)) return sample;
    assert.ok(['unknown', 'accepted', 'running'].includes(sample.status), `"${sample.status}" is no status`);
    assert.ok(performance.now() < until, `the build did not end within ${withinMs} ms`);
  }
}

/** It must fail with this code. */
export async function refused(call: Promise<unknown>, code: string, retryable: boolean): Promise<void> {
  const error: unknown = await call.then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof Error, 'it must throw');
  const { code: said, retryable: may } = error as Error & { readonly code?: unknown; readonly retryable?: unknown };
  assert.deepEqual({ code: said, retryable: may }, { code, retryable });
}

/** Everything of `part` is in `whole` with the same value. */
export function includes(whole: Readonly<Record<string, string>>, part: Readonly<Record<string, string>>): void {
  assert.deepEqual(Object.fromEntries(Object.keys(part).map((key) => [key, whole[key]])), part);
}
