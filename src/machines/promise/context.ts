import type { Failure } from '../../kernel/errors.ts';
import { redact } from '../../kernel/redact.ts';
import type { Attempted } from './activities.ts';
import type { Promised } from './declarer.ts';
import { promiseInput } from './input.ts';

/** Everything a promise knows. Plain JSON; `null` is "not yet". */
export interface PromiseContext {
  readonly declares: Promised;
  /** Attempts that settled nothing, one after the other. */
  readonly failures: number;
  /** What the last of them said. */
  readonly trouble: { readonly code: string; readonly message: string } | null;
  readonly retryAfterMs: number | null;
  /** The build has ended, and the promise is still pending. */
  readonly over: boolean;
  readonly ended: PromiseOutput | null;
}

/** How a promise ended. Written once. `lost`: the build ended, and no upstream could be reached within the grace. */
export interface PromiseOutput {
  readonly status: 'completed' | 'failed';
  readonly verdict: 'accepted' | 'refused' | 'lost';
  readonly code?: string;
  readonly message?: string;
  /** The exit status that stands instead. */
  readonly standing?: number;
}

export function firstContext(input: unknown): PromiseContext {
  return { declares: promiseInput.parse(input), failures: 0, trouble: null, retryAfterMs: null, over: false, ended: null };
}

export const attemptIn = (event: unknown): Attempted => (event as { readonly output: Attempted }).output;
export const failureIn = (event: unknown): Failure => (event as { readonly error: Failure }).error;

export function refusedBy(attempted: Attempted): PromiseOutput {
  if (attempted.verdict !== 'refused') throw new Error(`${attempted.verdict} is no refusal`);
  const { code, message, standing } = attempted;
  return { status: 'failed', verdict: 'refused', code, message: redact(message), ...(standing === undefined ? {} : { standing }) };
}

/** Only when the grace is over: what was tried last says why. */
export const lost = ({ trouble }: PromiseContext): PromiseOutput => ({
  status: 'failed', verdict: 'lost', code: 'promise_lost',
  message: `the build ended before the promise could be declared${trouble === null ? '' : `: ${trouble.message} [${trouble.code}]`}`,
});
