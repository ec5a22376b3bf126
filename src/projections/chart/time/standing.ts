import type { LogRecord } from '../../../kernel/record.ts';
import type { ActorState } from '../../../kernel/state.ts';
import { indexOf } from '../active.ts';
import type { Chart } from '../chart.ts';
import type { Lanes } from './lanes.ts';
import type { Moment } from './moment.ts';

/** Why nothing of a lane goes on: somebody stopped it, or it needs a person. */
export type Still = 'stopped' | 'blocked';

/** After each record in turn, the lanes in which time passes and nothing goes on. */
export type Standing = (state: ActorState, record: LogRecord, moment: Moment) => ReadonlyMap<string, Still>;

/** A child that has told so; and a saga's step that is paused, or whose undo is stuck. */
export function standing(chart: Chart, { placeOf, stepAt }: Lanes): Standing {
  const { state: stateOf } = indexOf(chart);
  let stopped = new Set<string>();
  return (state, { type, data }, { active }) => {
    const { effect: of } = data;
    if (typeof of === 'string' && type === 'child.stopped') stopped.add(of);
    else if (typeof of === 'string') stopped.delete(of);
    stopped = new Set([...stopped].filter((effect) => Object.hasOwn(state.children, effect)));
    const found = new Map<string, Still>();
    for (const id of active) {
      const { tags = [], path = [] } = stateOf(id) ?? {};
      const step = stepAt(path);
      if (step !== undefined && tags.includes('stopped')) found.set(step, 'stopped');
      if (step !== undefined && tags.includes('blocked')) found.set(step, 'blocked');
    }
    for (const [effect, { child, blocked }] of Object.entries(state.children)) {
      if (blocked !== undefined) found.set(placeOf(child, false).lane, 'blocked');
      else if (stopped.has(effect)) found.set(placeOf(child, false).lane, 'stopped');
    }
    return found;
  };
}
