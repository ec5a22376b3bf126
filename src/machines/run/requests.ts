import { enqueueActions, sendParent } from 'xstate';
import { recordedAt } from '../../kernel/recorded-at.ts';
import type { ControlRequest } from '../../kernel/request.ts';
import { entered, settled, type Outcome } from '../request/book.ts';
import type { RunContext } from './context.ts';
import type { RunOutput } from './output.ts';

/** What a record does to the context. */
interface Given {
  readonly context: RunContext;
  readonly event: unknown;
  readonly self: unknown;
}

type Requests = Pick<RunContext, 'requests'>;

/** Enters what the command of this record asks for; a parent that asks is told when it is settled. */
export const asks = (command: string, given: Given): Requests & Pick<RunContext, 'tells'> => ({
  requests: entered(given.context.requests, command, {}, given),
  tells: (given.event as { readonly tell?: string }).tell ?? null,
});

/** Settles pending requests by the command that asked. */
export const settles = (given: Given, outcomes: Readonly<Record<string, Outcome>>): Requests =>
  ({ requests: settled(given.context.requests, recordedAt(given), ({ command }) => outcomes[command]) });

/** An opposite wish came before it had taken effect. */
export const overtaken = (by: 'stop' | 'start' | 'cancel'): Outcome => ({ fail: `${by} was asked for before it took effect`, code: `overtaken_by_${by}` });

/** What a pending request comes to when the build has ended. */
export const outcomesAtEnd = ({ status, reason }: RunOutput): Readonly<Record<string, Outcome>> => ({
  stop: { fail: `the build had ended before it could be stopped: ${status}`, code: 'build_ended' },
  start: { complete: `the build has ended: ${status}` },
  cancel: cancelOutcome(status, reason ?? status),
});

function cancelOutcome(status: RunOutput['status'], reason: string): Outcome {
  if (status === 'succeeded') return { fail: 'the build succeeded before the cancel could take effect', code: 'already_completed' };
  return status === 'cancelled' ? { complete: `cancelled: ${reason}` } : { fail: `the build failed instead: ${reason}`, code: 'build_failed' };
}

/** What becomes at once of what a parent asks in a state that has no more to do for it. */
export function outcomesAtOnce({ deadlineAt, unwanted, ended }: RunContext): Readonly<Record<string, Outcome>> {
  if (ended !== null || unwanted !== null) {
    const over: Outcome = { fail: 'the build is over, or is being cancelled', code: 'being_cancelled' };
    return { stop: over, start: over };
  }
  return {
    stop: deadlineAt === null ? { complete: 'it is stopped already' } : { fail: 'it cannot be stopped now', code: 'cannot_pause' },
    start: { complete: 'it runs already' },
  };
}

/** The word to the parent that asked last. */
export interface Told {
  readonly type: 'request-settled';
  readonly tell: string;
  readonly command: string;
  readonly state: 'completed' | 'failed';
  readonly detail: string;
  readonly code?: string;
}

/** Tells the parent what became of what it asked. Of what others ask, it need not know. */
export const tellSettled = enqueueActions<RunContext, never, undefined, never, never, never, never, never, never>(({ context, enqueue }) => {
  const { isChild, tells, requests } = context;
  const last = requests.findLast(({ command }) => command === 'stop' || command === 'start');
  if (!isChild || tells === null || last === undefined || last.state === 'pending') return;
  enqueue(sendParent(told(tells, last) as never) as never);
});

const told = (tell: string, { command, state, detail = '', code }: ControlRequest): Told =>
  ({ type: 'request-settled', tell, command, state: state === 'completed' ? 'completed' : 'failed', detail, ...(code === undefined ? {} : { code }) });
