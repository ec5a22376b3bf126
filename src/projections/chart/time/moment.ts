import type { Definition } from '../../../kernel/definition.ts';
import type { Effect } from '../../../kernel/effect.ts';
import { evolve } from '../../../kernel/evolve.ts';
import type { Json } from '../../../kernel/json.ts';
import type { LogRecord } from '../../../kernel/record.ts';
import type { ActorState, Status } from '../../../kernel/state.ts';
import { statusOf, valueOf, waitingFor, type Awaited } from '../../../kernel/status.ts';
import { traced } from '../../../kernel/xstate-trace.ts';
import { activeIds, indexOf } from '../active.ts';
import type { Chart } from '../chart.ts';
import { transitionId } from '../transitions.ts';

/** An actor right after one record. Plain JSON. */
export interface Moment {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: string;
  readonly cause: string;
  readonly by?: string;
  readonly status: Status;
  /** The chart's state value. */
  readonly value: Json;
  /** Ids of the active states, parents before children. */
  readonly active: readonly string[];
  /** Active now, and not before this record; and the other way round. */
  readonly entered: readonly string[];
  readonly left: readonly string[];
  /** What the chart took on this record, in order: always and raised ones among it. Empty for the first record's initial states. */
  readonly transitions: readonly TakenTransition[];
  /** What the record asked of the world. */
  readonly effects: readonly Effect[];
  readonly waitingFor: readonly Awaited[];
}

export interface TakenTransition {
  /** As in the chart. */
  readonly id: string;
  readonly source: string;
  readonly targets: readonly string[];
  /** The event's type as XState has it: a command's name, `xstate.done.actor.<id>` and so on. */
  readonly event: string;
}

export interface Step {
  readonly state: ActorState;
  readonly moment: Moment;
}

/** Fold one record and say what it did. Pure. @throws as the kernel's `evolve`. */
export function stepOf(definition: Definition, chart: Chart, before: ActorState | undefined, record: LogRecord): Step {
  const { result: { state, effects }, taken } = traced(definition, () => evolve(definition, before, record));
  const active = activeIds(chart, valueOf(state));
  const wasActive = before === undefined ? [] : activeIds(chart, valueOf(before));
  const { seq, at, type, cause, by } = record;
  const moment: Moment = {
    seq, at, type, cause, ...(by === undefined ? {} : { by }),
    status: statusOf(definition, state), value: valueOf(state), active,
    entered: active.filter((id) => !wasActive.includes(id)),
    left: wasActive.filter((id) => !active.includes(id)),
    transitions: taken.map(({ source, index, event }) => {
      const id = transitionId(source, index);
      return { id, source, event, targets: indexOf(chart).transition(id)?.targets ?? [] };
    }),
    effects, waitingFor: waitingFor(state),
  };
  return { state, moment };
}
