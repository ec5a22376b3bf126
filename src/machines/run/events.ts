import type { Failure } from '../../kernel/errors.ts';
import type { RunSample } from './runner.ts';
import { callLimitMs } from './timing.ts';

/** What an activity ended with. */
export const outputIn = (event: unknown): unknown => (event as { readonly output: unknown }).output;
export const sampleIn = (event: unknown): RunSample => outputIn(event) as RunSample;

const silence: Failure = { name: 'RetryableError', code: 'runner_silent', message: `the runner did not answer within ${callLimitMs} ms`, retryable: true };

/** What an activity failed with; without one it was the call's time that ran out. */
export const failureIn = (event: unknown): Failure => (event as { readonly error?: Failure }).error ?? silence;
