import type { Definition } from '../../../kernel/definition.ts';
import { timerName } from '../../../kernel/timer-names.ts';
import { indexOf } from '../active.ts';
import type { Chart } from '../chart.ts';

/** What a bar is: an attempt, a check, an undo, a pause before the next attempt, a limit on one, any other wait, or time that it stood still. */
export type BarKind = 'run' | 'check' | 'undo' | 'child' | 'back-off' | 'limit' | 'timer' | 'stopped' | 'blocked';

export interface Place {
  readonly lane: string;
  readonly kind: BarKind;
  readonly name: string;
}

export interface Lanes {
  /** A saga's steps in order; empty for any other machine. */
  readonly steps: readonly string[];
  /** Where something that runs belongs: `what` is an invoke's id, or a timer's name. */
  readonly placeOf: (what: string, isTimer: boolean) => Place;
  /** The step that a state of a saga's chart belongs to, forward or undone, by the state's path. */
  readonly stepAt: (path: readonly string[]) => string | undefined;
}

/** Which lane of the waterfall each activity, child and timer of a machine has. */
export function lanesOf(definition: Definition, chart: Chart): Lanes {
  const steps = sagaSteps(chart);
  const isStep = new Set(steps);
  const sources = new Map(chart.states.flatMap(({ invokes }) => invokes.map(({ id, src }) => [id, src])));
  const { state } = indexOf(chart);
  /** The timer XState arms for an `after`, and its name for people. */
  const delays = new Map(chart.transitions.filter(({ trigger }) => trigger.kind === 'after').map(({ source, trigger }) =>
    [timerName(`xstate.after.${trigger.name ?? ''}.${source}`), { text: trigger.text, path: state(source)?.path ?? [] }]));

  const stepAt = ([region, ...path]: readonly string[]): string | undefined =>
    (region === 'work' ? path.map((key) => key.replace(/^undo-/, '')).find((key) => isStep.has(key)) : undefined);
  const activity = (id: string): Place => {
    const [, prefix, step = id] = /^(check|undo)-(.*)$/.exec(id) ?? [];
    if (prefix !== undefined && isStep.has(step)) return { lane: step, kind: prefix as BarKind, name: id };
    return { lane: id, kind: Object.hasOwn(definition.children, sources.get(id) ?? '') ? 'child' : 'run', name: id };
  };
  const timer = (name: string): Place => {
    const delay = delays.get(name);
    const step = stepAt(delay?.path ?? []) ?? '';
    const kind = delay?.path.at(-1) === 'backingOff' ? 'back-off' : 'limit';
    return isStep.has(step) ? { lane: step, kind, name } : { lane: delay?.text ?? name, kind: 'timer', name };
  };
  return { steps, stepAt, placeOf: (what, isTimer) => (isTimer ? timer(what) : activity(what)) };
}

/** A saga's chart has the regions `work` and `control`, and in `work` a compound state for each step and each undo; steps side by side are regions of a parallel one. */
function sagaSteps(chart: Chart): readonly string[] {
  const { state, children } = indexOf(chart);
  const regions = children(chart.root);
  const work = regions.find(({ key }) => key === 'work');
  if (state(chart.root)?.kind !== 'parallel' || work === undefined || !regions.some(({ key }) => key === 'control')) return [];
  const stages = children(work.id).flatMap((stage) => (stage.kind === 'parallel' ? children(stage.id) : [stage]));
  return stages.filter(({ kind, key }) => kind === 'compound' && !key.startsWith('undo-')).map(({ key }) => key);
}
