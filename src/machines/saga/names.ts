/** Invoke ids and `src` names of a step's code. Step names may not begin with `check-`, `final-check-` or `undo-`, so they never collide. */
export const runId = (step: string): string => step;
export const checkId = (step: string): string => `check-${step}`;
export const finalCheckId = (step: string): string => `final-check-${step}`;
export const undoId = (step: string): string => `undo-${step}`;

/** Names of the durable delays. */
export const retryDelay = (step: string): string => `retry-${step}`;
export const undoRetryDelay = (step: string): string => `undo-retry-${step}`;
export const timeoutDelay = (step: string): string => `timeout-${step}`;

/** States of the work region that belong to no step. */
export const workStates = ['undone', 'completed', 'failed', 'cancelled'] as const;

/** The choice which undo is next, of sagas in which steps run side by side. */
export const choosingUndo = 'choosing-undo';

/** Steps side by side, the n-th such state, from 1. */
export const groupName = (n: number): string => `side-by-side-${n}`;

/** Commands every saga takes. */
export const controlCommands = ['stop', 'start', 'cancel', 'retry-undo', 'abandon'] as const;
