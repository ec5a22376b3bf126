import type { RunContext } from './context.ts';

/** Consecutive failures of one call before it is given up. */
export const failureBudget = 10;
/** Cancels that are sent in all. */
export const cancelBudget = 5;
/** A trigger, stop or start that takes longer has failed; it is repeated. */
export const callLimitMs = 120_000;

/** Durable back-off after `failures` failures in a row, ms. */
export const backoff = (failures: number): number => Math.min(60_000, 1000 * 2 ** Math.max(0, failures - 1));

/** A runner that wishes for more than this is not taken at its word. */
const longestWishMs = 3_600_000;

const wished = ({ wishedMs }: RunContext): number => Math.min(wishedMs, longestWishMs);

/** Until a call that failed is made again: the back-off, or as long as the runner wishes for. */
export const untilRetry = (context: RunContext): number => Math.max(backoff(context.failures), wished(context));

/** The same for a cancel. */
export const untilCancelRetry = (context: RunContext): number => Math.max(backoff(context.asks), wished(context));

/** Until the runner is asked again: its cadence while it answers, else the back-off. */
export const untilNextCheck = (context: RunContext): number => (context.failures > 0 ? untilRetry(context) : everyMs(context));

/** Until a stopped build is looked at again. */
export const untilNextLook = (context: RunContext): number => Math.max(context.cadence.stoppedMs, context.failures > 0 ? untilRetry(context) : 0);

/** Until a build that was asked to stop and did not is asked once more. */
export const untilNextAsk = ({ asks }: RunContext): number => 30_000 * 2 ** Math.max(0, asks - 1);

export const everyMs = ({ status, cadence }: RunContext): number => (status === 'running' ? cadence.runningMs : cadence.acceptedMs);
