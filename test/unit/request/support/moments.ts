import { evolve } from '../../../../src/kernel/evolve.ts';
import type { Definition } from '../../../../src/kernel/definition.ts';
import type { Effect } from '../../../../src/kernel/effect.ts';
import { judge } from '../../../../src/kernel/judge.ts';
import type { JsonObject } from '../../../../src/kernel/json.ts';
import type { LogRecord } from '../../../../src/kernel/record.ts';
import type { ActorState } from '../../../../src/kernel/state.ts';
import { contextOf, hasEnded, valueOf } from '../../../../src/kernel/status.ts';
import { defineSaga } from '../../../../src/machines/saga/define.ts';
import type { SagaContext, SagaSpec } from '../../../../src/machines/saga/types.ts';

export const commands = ['stop', 'start', 'cancel', 'retry-undo', 'abandon'] as const;

/** A moment of a saga, between two records. */
export interface Moment {
  readonly state: ActorState;
  readonly context: SagaContext;
  readonly ended: boolean;
  /** Where records lead from here: what happened, what is known right after it, and the moment that is the same as that. */
  readonly steps: { readonly by: string; readonly known: SagaContext; readonly to: Moment; readonly effects: readonly Effect[] }[];
}

/** Every moment that stop, start, cancel and the ways out of a blocked undo can lead to, each at every begin and end of every step. */
export function everyMoment(spec: SagaSpec): readonly Moment[] {
  const definition = defineSaga(spec);
  const first = after(definition, undefined, 'actor.created', { input: {} });
  const known = new Map<string, Moment>();
  const enter = (state: ActorState): Moment => {
    const key = keyOf(state);
    const found = known.get(key);
    if (found !== undefined) return found;
    const moment: Moment = { state, context: contextOf(state) as unknown as SagaContext, ended: hasEnded(state), steps: [] };
    known.set(key, moment);
    queue.push(moment);
    return moment;
  };
  const queue: Moment[] = [];
  enter(first.state);
  for (let moment = queue.shift(); moment; moment = queue.shift()) {
    for (const { by, type, data } of possible(definition, moment.state)) {
      const { state, effects } = after(definition, moment.state, type, data);
      moment.steps.push({ by, known: contextOf(state) as unknown as SagaContext, to: enter(state), effects });
    }
  }
  return [...known.values()];
}

/** What is the same but for names, moments and settled requests can lead to the same. */
function keyOf(state: ActorState): string {
  const { requests, ...context } = contextOf(state) as unknown as SagaContext;
  const pending = requests.filter((request) => request.state === 'pending').map(({ command }) => command);
  const running = Object.values(state.activities).map(({ activity, aborting }) => `${activity} ${aborting}`);
  return JSON.stringify([valueOf(state), context, pending, running.sort()]);
}

interface Possible {
  readonly by: string;
  readonly type: string;
  readonly data: JsonObject;
}

function possible(definition: Definition, state: ActorState): readonly Possible[] {
  if (hasEnded(state)) return [];
  const taken = commands.filter((command) => {
    const verdict = judge(definition, state, command, {});
    return verdict.accepted && verdict.repeats === undefined;
  });
  return [
    ...taken.map((command) => ({ by: command, type: command, data: {} })),
    ...Object.entries(state.timers).map(([effect, { timer }]) => ({ by: 'timer', type: 'timer.fired', data: { timer, effect } })),
    ...Object.entries(state.activities).flatMap(([effect, { activity, aborting }]) => endsOf(activity, effect, aborting)),
  ];
}

function endsOf(activity: string, effect: string, aborting: boolean): readonly Possible[] {
  const done = (by: string, output: JsonObject): Possible => ({ by, type: 'activity.completed', data: { activity, effect, output } });
  const failed = (by: string, code: string): Possible =>
    ({ by, type: 'activity.failed', data: { activity, effect, error: { name: 'TerminalError', code, message: code, retryable: false } } });
  const checks = activity.startsWith('check-') ? [done('found', { found: true, gives: {} }), done('done', { found: false, gives: null })] : [];
  const looks = activity.startsWith('final-check-') ? [done('done', { found: {} })] : [];
  const changed = /^(final-)?check-/.test(activity) ? [failed('changed', 'target_changed')] : [];
  return [...checks, ...looks, ...changed, ...(checks.length + looks.length > 0 ? [] : [done('done', {})]), failed('failed', aborting ? 'aborted' : 'never')];
}

function after(definition: Definition, before: ActorState | undefined, type: string, data: JsonObject): { state: ActorState; effects: readonly Effect[] } {
  const seq = (before?.seq ?? 0) + 1;
  const record: LogRecord = { actor: 'demo/d1', seq, at: 0, type, cause: `c${seq}`, machine: definition.stamp, data, chain: '' };
  return evolve(definition, before, record);
}

