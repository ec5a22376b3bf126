import { note, progressOf } from './context.ts';
import { toFailure, undoAbandoned } from './failures.ts';
import type { Fold } from './record-forward.ts';
import { undoOrderOf } from './undo-order.ts';
import type { SagaContext, SagaSpec } from './types.ts';

/** What the chart writes down on the way back. */
export function undoFolds(spec: SagaSpec) {
  const undoOrder = undoOrderOf(spec);
  const beginUndo: Fold = () => ({ phase: 'undoing' });
  const beginUndoAttempt: Fold = ({ context }, { step }) =>
    note(context, step, { undoAttempts: progressOf(context, step).undoAttempts + 1 });
  const recordUndone: Fold = ({ context }, { step }) =>
    ({ ...note(context, step, { status: 'undone', applied: 'no', undoError: undefined }), undone: [...context.undone, step] });
  const recordUndoError: Fold = ({ context, event }, { step }) => note(context, step, { undoError: toFailure(event.error) });
  const recordBlocked: Fold = ({ context }, { step }) => {
    const { undoError, undoAttempts } = progressOf(context, step);
    const remaining = undoOrder(context);
    return {
      ...note(context, step, { status: 'undo-failed' }),
      phase: 'blocked',
      blocked: { step, error: undoError ?? toFailure(`undo of step "${step}" failed`), attempts: undoAttempts, remaining },
    };
  };
  const freshUndoBudget: Fold = ({ context }, { step }) =>
    ({ ...note(context, step, { undoAttempts: 0 }), phase: 'undoing', blocked: null });
  const recordAbandoned: Fold = ({ context, event }, { step }) => ({
    steps: context.blocked?.remaining.reduce((steps, name) => note({ ...context, steps }, name, { status: 'left' }).steps, context.steps) ?? context.steps,
    abandoned: asked(event),
    error: context.error ?? undoAbandoned(step, event.reason ?? 'no reason given'),
  });
  return { beginUndo, beginUndoAttempt, recordUndone, recordUndoError, recordBlocked, freshUndoBudget, recordAbandoned };
}

/** Who asked, and why, as far as the command says. */
export function asked(event: { readonly by?: string; readonly reason?: string }): NonNullable<SagaContext['abandoned']> {
  return { ...(event.by === undefined ? {} : { by: event.by }), ...(event.reason === undefined ? {} : { reason: event.reason }) };
}
