import { recordedAt } from '../../kernel/recorded-at.ts';
import type { ControlRequest } from '../../kernel/request.ts';
import { entered, isPending, settled, type Outcome } from '../request/book.ts';
import { countsOf, outcomeOf } from './requests.ts';
import { asked } from './record-undo.ts';
import type { Fold } from './record-forward.ts';
import type { SagaContext, SagaSpec } from './types.ts';

/** How the chart notes what people want of it, and what became of it. */
export function controlFolds(spec: SagaSpec) {
  const asks = (command: string): Fold => ({ context, event, self }) =>
    ({ requests: entered(context.requests, command, countsOf(spec, context), { event, self }) });
  const wishRun: Fold = ({ context, event }) => ({ control: { wish: 'run', ...asked(startOf(context) ?? event) }, phase: 'forward', refused: null });
  const wishStop: Fold = (given, params) => {
    const requests = settled(given.context.requests, recordedAt(given), outcomeOnStop);
    return { control: { wish: 'stop', ...asked(given.event) }, ...asks('stop')({ ...given, context: { ...given.context, requests } }, params) };
  };
  /** The first one who cancelled stays named. */
  const wishCancel: Fold = (given, params) => ({
    ...(given.context.control.wish === 'cancel' ? {} : { control: { wish: 'cancel', ...asked(given.event) } as const }),
    ...asks('cancel')(given, params),
  });
  const settleRequests: Fold = (given) => {
    const requests = settled(given.context.requests, recordedAt(given), (request) => outcomeOf(given.context, request));
    return requests === given.context.requests ? {} : { requests };
  };
  const end = (phase: SagaContext['phase']): Fold => () => ({ phase, blocked: null });
  return {
    askStart: asks('start'), askRetryUndo: asks('retry-undo'), askAbandon: asks('abandon'),
    wishRun, wishStop, wishCancel, settleRequests, endCompleted: end('completed'), endFailed: end('failed'), endCancelled: end('cancelled'),
  };
}

/** Who wants it to go on: when a stop was being awaited, not whoever's record ended that. */
const startOf = ({ requests }: SagaContext) => (isPending(requests, 'start') ? requests.findLast(({ command }) => command === 'start') : undefined);

/** A start that has not taken effect yet never will, and a stop that waited before it has its place taken by the new one. */
function outcomeOnStop({ command }: ControlRequest): Outcome | undefined {
  if (command === 'start') return { fail: 'stop was asked for before it took effect', code: 'stopped_again' };
  return command === 'stop' ? { fail: 'stop was asked for again, after a start', code: 'superseded' } : undefined;
}
