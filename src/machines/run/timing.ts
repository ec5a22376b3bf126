import type { RunContext } from './context.ts';

/** Consecutive failures of one call before it is given up. */
export const failureBudget = 10;
/** Cancels that are sent in all. */
export const cancelBudget = 5;
/** A trigger, stop or start that takes longer has failed; it is repeated. */
export const callLimitMs = 120_000;

/** Durable back-off after `failures` failures in a row, ms. */
export const backoff = (failures: number): number => Math.min(60_000, 1000 * 2 ** Math.max(0, failures - 1));

/** Until the runner is asked again: its cadence while it answers, else the back-off. */
export const untilNextCheck = (context: RunContext): number => (context.failures > 0 ? backoff(context.failures) : everyMs(context));

/** Until a stopped build is looked at again. */
export const untilNextLook = ({ failures, cadence }: RunContext): number => Math.max(cadence.stoppedMs, failures > 0 ? backoff(failures) : 0);

/** Until a build that was asked to stop and did not is asked once more. */
export const untilNextAsk = ({ asks }: RunContext): number => 30_000 * 2 ** Math.max(0, asks - 1);

export const everyMs = ({ status, cadence }: RunContext): number => (status === 'running' ? cadence.runningMs : cadence.acceptedMs);
