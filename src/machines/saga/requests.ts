import type { ControlRequest } from '../../kernel/request.ts';
import type { Outcome } from '../request/book.ts';
import { undoOrderOf } from './undo-order.ts';
import type { SagaContext, SagaSpec, StepStatus } from './types.ts';

/** What a request finds: steps done, skipped, to be undone should it turn back now, and in all. */
export function countsOf(spec: SagaSpec, context: SagaContext): Readonly<Record<string, number>> {
  const having = (status: StepStatus): number => spec.steps.filter(({ name }) => context.steps[name]?.status === status).length;
  return { done: having('done'), skipped: having('skipped'), toUndo: undoOrderOf(spec)(context).length, steps: spec.steps.length };
}

/** What the saga as it stands now means for a pending request. Asked where the control region moves on. */
export function outcomeOf(context: SagaContext, request: ControlRequest): Outcome | undefined {
  switch (context.phase) {
    case 'completed': return atCompletion(request);
    case 'failed':
    case 'cancelled': return atTheEnd(context, request);
    case 'undoing': return request.command === 'stop' || request.command === 'start' ? turnedBack(context) : undefined;
    case 'blocked': return whenBlocked(context, request);
    case 'paused': return whenPaused(context, request);
    default: return request.command === 'start' ? { complete: `goes on with ${runningIn(context).join(', ')}` } : undefined;
  }
}

const runningIn = (context: SagaContext): readonly string[] => Object.entries(context.steps).flatMap(([name, { status }]) => (status === 'running' ? [name] : []));

function atCompletion({ command }: ControlRequest): Outcome {
  if (command === 'start') return { complete: 'nothing was left to do: it is completed' };
  return { fail: `it completed before the ${command} could take effect`, code: 'already_completed' };
}

function atTheEnd(context: SagaContext, { command }: ControlRequest): Outcome {
  const undone = context.undone.length === 0 ? 'there was nothing to undo' : `undone: ${context.undone.join(', ')}`;
  if (command === 'stop' || command === 'start') return turnedBack(context);
  if (command === 'abandon') return { complete: `left as it is: ${left(context)}` };
  if (context.abandoned !== null) return { fail: `the undo was abandoned; left as it is: ${left(context)}`, code: 'undo_abandoned' };
  return { complete: undone };
}

const left = (context: SagaContext): string => Object.entries(context.steps).flatMap(([name, { status }]) => (status === 'left' ? [name] : [])).reverse().join(', ');

function turnedBack({ error }: SagaContext): Outcome {
  if (error === null) return { fail: 'cancel was asked for before it took effect', code: 'cancelled' };
  return { fail: `it failed first, and turned back: ${error.message}`, code: error.code };
}

function whenBlocked({ blocked }: SagaContext, { command }: ControlRequest): Outcome | undefined {
  const why = blocked === null ? 'the undo is blocked' : `the undo of ${blocked.step} failed: ${blocked.error.message}`;
  if (command === 'retry-undo') return { fail: why, code: blocked?.error.code ?? 'undo_blocked' };
  return command === 'cancel' ? { pends: `blocked, ${why}; retry-undo tries again, abandon leaves the rest` } : undefined;
}

function whenPaused({ refused, steps }: SagaContext, { command }: ControlRequest): Outcome | undefined {
  if (command === 'stop') {
    const next = Object.entries(steps).find(([, { status }]) => status === 'pending')?.[0];
    return { complete: next === undefined ? 'stopped' : `stopped; ${next} is next` };
  }
  if (command !== 'start' || refused === null) return undefined;
  return { fail: refused.message, code: refused.code };
}
