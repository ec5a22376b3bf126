import { assign, fromPromise, sendTo, setup, type AnyStateMachine } from 'xstate';
import { backwardState } from './backward.ts';
import { named, type ChartState } from './config.ts';
import { initialContext, progressOf } from './context.ts';
import { controlRegion } from './control.ts';
import { choosingState } from './choosing.ts';
import { othersToAsk } from './final-check.ts';
import { checkOf, timeoutOf } from './find.ts';
import { failingFolds, failingTransition, hasChildren } from './failing.ts';
import { forwardState } from './forward.ts';
import { groupState } from './group.ts';
import { guardsOf } from './guards.ts';
import { sagaMeta } from './meta.ts';
import { answeringFolds, answeringGuards, hasAnswering, lateWord, tellChild } from './answering.ts';
import { checkId, choosingUndo, finalCheckId, groupName, retryDelay, runId, timeoutDelay, undoId, undoRetryDelay } from './names.ts';
import { needsOf, stagesOf, type Stage } from './needs.ts';
import { outputOf } from './output.ts';
import { delayAfter, retryOf, undoRetryOf } from './policy.ts';
import { controlFolds } from './record-control.ts';
import { forwardFolds, type Fold } from './record-forward.ts';
import { undoFolds } from './record-undo.ts';
import type { Step } from './step.ts';
import type { SagaContext, SagaEvent, SagaSpec } from './types.ts';

/** Compiles a checked spec to its chart: region `work` beside region `control`. */
export function sagaChart(spec: SagaSpec): AnyStateMachine {
  const folds: Record<string, Fold> = { ...forwardFolds(spec), ...undoFolds(spec), ...controlFolds(spec), ...failingFolds(), ...(hasAnswering(spec) ? answeringFolds : {}) };
  const actions = Object.fromEntries(Object.entries(folds).map(([name, fold]) => [name, assign(fold as never)]));
  return setup({
    types: {} as { context: SagaContext; events: SagaEvent },
    actors: Object.fromEntries(spec.steps.flatMap((step) => actorsOf(spec, step))),
    guards: { ...guardsOf(spec), ...(hasAnswering(spec) ? answeringGuards : {}) } as never,
    actions: { ...actions, ...handedOn, ...(hasAnswering(spec) ? { tellChild } : {}) } as never,
    delays: Object.fromEntries(spec.steps.flatMap((step) => delaysOf(spec, step))),
  }).createMachine({
    id: spec.name,
    context: ({ input }: { input: unknown }) => initialContext(spec, input),
    type: 'parallel',
    meta: sagaMeta(spec),
    ...(hasChildren(spec) ? { on: { failing: [failingTransition], ...(hasAnswering(spec) ? { 'request-settled': [lateWord] } : {}) } } : {}),
    states: { work: workRegion(spec), control: controlRegion },
    output: ({ context }: { context: SagaContext }) => outputOf(spec, context),
    options: { maxIterations: 100 + 20 * spec.steps.length },
  } as never) as unknown as AnyStateMachine;
}

/** Stop and start, as a child of a step gets them. */
const handedOn = Object.fromEntries((['stop', 'start'] as const).map((type) =>
  [`${type}Child`, sendTo((_: unknown, { step }: { step: string }) => runId(step), { type })]));

function workRegion(spec: SagaSpec): ChartState {
  const at = (state: string): string => `#${spec.name}.work.${state}`;
  const stages = stagesOf(spec);
  const names = stageNames(stages);
  const needs = needsOf(spec);
  const undoable = spec.steps.filter(({ undo }) => undo).toReversed();
  const isChain = stages.every(({ length }) => length === 1);
  /** In a chain the order of the undo is known before; else it is chosen each time. */
  const undoBefore = (index: number): string => {
    const step = spec.steps.slice(0, index).findLast((candidate) => candidate.undo);
    return at(isChain ? (step ? undoId(step.name) : 'undone') : choosingUndo);
  };
  const forward = stages.map((stage, index) => {
    const next = at(names[index + 1] ?? 'completed');
    const [step] = stage as readonly [Step, ...Step[]];
    const state = stage.length > 1 ? groupState(spec, stage, needs, { next, back: undoBefore(index + 1) }) : forwardState(spec, step, { next, back: undoBefore(spec.steps.indexOf(step) + 1) });
    return [names[index], state];
  });
  const backward = undoable.map((step) => [undoId(step.name), backwardState(spec, step, undoBefore(spec.steps.indexOf(step)), at('failed'))]);
  return {
    description: 'The steps, and their undo in reverse.',
    initial: names[0] ?? 'completed',
    states: {
      ...(Object.fromEntries(forward) as Record<string, ChartState>),
      ...(isChain ? {} : { [choosingUndo]: choosingState(undoable, at) }),
      ...(Object.fromEntries(backward) as Record<string, ChartState>),
      undone: {
        description: 'Everything is taken back. Failed or cancelled?',
        always: [{ guard: named('hasFailed'), target: 'failed' }, { target: 'cancelled' }],
      },
      completed: { type: 'final', tags: ['completed'], entry: [named('endCompleted')], description: 'Every step is done.' },
      failed: { type: 'final', tags: ['failed'], entry: [named('endFailed')], description: 'A step failed; what could be undone is undone.' },
      cancelled: { type: 'final', tags: ['cancelled'], entry: [named('endCancelled')], description: 'Cancelled, and everything undone.' },
    },
  };
}

/** A stage of one is named after its step. */
function stageNames(stages: readonly Stage[]): readonly string[] {
  let groups = 0;
  return stages.map((stage) => (stage.length === 1 ? (stage[0] as Step).name : groupName(++groups)));
}

/** The host runs the registered code; the chart only needs to know that something is invoked. */
const code = fromPromise(() => Promise.reject(new Error('activities are run by the host')));

const actorsOf = (spec: SagaSpec, step: Step): [string, typeof code][] => [
  [runId(step.name), code],
  ...(checkOf(step) ? [[checkId(step.name), code] as [string, typeof code]] : []),
  ...(othersToAsk(spec, step).length > 0 ? [[finalCheckId(step.name), code] as [string, typeof code]] : []),
  ...(step.undo ? [[undoId(step.name), code] as [string, typeof code]] : []),
];

type Delay = (args: { context: SagaContext }) => number;

const delaysOf = (spec: SagaSpec, step: Step): [string, Delay][] => {
  const { name } = step;
  const timeoutMs = timeoutOf(step);
  return [
    [retryDelay(name), ({ context }) => delayAfter(retryOf(spec, step), progressOf(context, name).attempts)],
    [undoRetryDelay(name), ({ context }) => delayAfter(undoRetryOf(spec, step), progressOf(context, name).undoAttempts)],
    ...(timeoutMs === undefined ? [] : [[timeoutDelay(name), () => timeoutMs] as [string, Delay]]),
  ];
};
