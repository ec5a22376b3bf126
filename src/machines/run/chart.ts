import { assign, emit, setup, type AnyStateMachine } from 'xstate';
import { abort } from '../../kernel/abort.ts';
import { recordedAt } from '../../kernel/recorded-at.ts';
import { runActivities } from './activities.ts';
import { firstContext, type Promised, type RunContext, type RunEvent } from './context.ts';
import { folds } from './folds.ts';
import { guards } from './guards.ts';
import type { RunPorts } from './ports.ts';
import { tellSettled } from './requests.ts';
import { cancelling } from './states/cancelling.ts';
import { ending } from './states/ending.ts';
import { polling } from './states/polling.ts';
import { starting } from './states/starting.ts';
import { stopped } from './states/stopped.ts';
import { stopping } from './states/stopping.ts';
import { triggering } from './states/triggering.ts';
import { callLimitMs, untilCancelRetry, untilNextAsk, untilNextCheck, untilNextLook, untilRetry } from './timing.ts';

type Fold = (typeof folds)[keyof typeof folds];
const assigned = (fold: Fold) => assign<RunContext, RunEvent, undefined, RunEvent, never>((given) => fold(given as never) as Partial<RunContext>);
const named = Object.fromEntries(Object.entries(folds).map(([name, fold]) => [name, assigned(fold)])) as Record<keyof typeof folds, ReturnType<typeof assigned>>;

/** The chart of one build at a runner. */
export function runChart(ports: RunPorts): AnyStateMachine {
  return setup({
    types: { context: {} as RunContext, events: {} as RunEvent, emitted: {} as { readonly type: 'failing' } & Promised },
    actors: runActivities(ports),
    delays: {
      deadline: (given) => (given.context.deadlineAt ?? 0) - recordedAt(given),
      callLimit: callLimitMs,
      cancelGrace: ({ context }) => context.cancelGraceMs,
      startGrace: ({ context }) => context.startGraceMs,
      retry: ({ context }) => untilRetry(context),
      nextCheck: ({ context }) => untilNextCheck(context),
      nextLook: ({ context }) => untilNextLook(context),
      nextSample: ({ context }) => (context.failures > 0 ? untilRetry(context) : context.cadence.runningMs),
      cancelBackoff: ({ context }) => untilCancelRetry(context),
      nextAsk: ({ context }) => untilNextAsk(context),
    },
    guards,
    actions: {
      ...named,
      tellSettled: tellSettled as never,
      interruptCheck: abort('status'),
      interruptLastCheck: abort('last-status'),
      interruptLook: abort('look'),
      tellFailing: emit(({ context }) => ({ type: 'failing', ...(context.promised ?? { exitStatus: 1 }) }) as const),
    },
  }).createMachine({
    id: 'run',
    description: 'One build at a runner: started once, asked until it has ended, stopped when it is not wanted any more.',
    context: ({ input, self }) => firstContext(input, { at: recordedAt({ self }), isChild: (self as { readonly _parent?: unknown })._parent !== undefined }),
    output: ({ context }) => context.ended,
    initial: 'triggering',
    // Wishes: where the build is known, the state that looks after it acts on them.
    on: {
      cancel: { guard: 'isCancellable', actions: 'wishCancel' },
      stop: { guard: 'isAskedByParent', actions: ['askStop', 'settleAtOnce', 'tellSettled'] },
      start: { guard: 'isAskedByParent', actions: ['askStart', 'settleAtOnce', 'tellSettled'] },
      signal: { guard: 'isOpen', actions: 'noteSignal' },
      promise: [{ guard: 'isFirstPromise', actions: ['notePromise', 'tellFailing'] }, { guard: 'isSamePromise', actions: 'notePromise' }],
    },
    states: { triggering, polling, stopping, stopped, starting, cancelling, ending, ended: { type: 'final' } },
  });
}
