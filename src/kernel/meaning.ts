import type { AnyEventObject } from 'xstate';
import { settled } from './canonical.ts';
import type { Definition } from './definition.ts';
import type { Work } from './draft.ts';
import { TerminalError } from './errors.ts';
import type { JsonObject } from './json.ts';
import { commandProblem } from './names.ts';
import type { EffectId, FactData, LogRecord } from './record.ts';
import { takenAt, type ActorState, type PendingTimer, type RunningChild } from './state.ts';
import { stateText } from './state-text.ts';
import { can, valueIn } from './xstate.ts';

/** What a record means to the actor it belongs to. */
export interface Meaning {
  /** The event for the chart; none when the record concerns only the host. */
  readonly event?: AnyEventObject;
  /** What goes on from here: without the effect the record ends. */
  readonly work: Work;
  readonly send?: Extract<PendingTimer['means'], { send: unknown }>['send'];
}

/** @throws TerminalError `stale_effect`, `unknown_record`, `already_taken`, `command_refused`, `data_not_json`. */
export function meaningOf(definition: Definition, state: ActorState, record: LogRecord): Meaning {
  const data = settled(record.data, 'data_not_json', `the data of "${record.type}"`);
  switch (record.type) {
    case 'activity.completed': {
      const { activity, effect, output } = data as unknown as FactData['activity.completed'];
      return { event: doneEvent(activity, output ?? null), work: { ...state, activities: without(state.activities, effect, activity === state.activities[effect]?.activity, record) } };
    }
    case 'activity.failed': {
      const { activity, effect, error } = data as unknown as FactData['activity.failed'];
      return { event: errorEvent(activity, error), work: { ...state, activities: without(state.activities, effect, activity === state.activities[effect]?.activity, record) } };
    }
    case 'child.completed': {
      const { child, effect, output } = data as unknown as FactData['child.completed'];
      return { event: doneEvent(child, output ?? null), work: { ...state, children: without(state.children, effect, child === state.children[effect]?.child, record) } };
    }
    case 'child.failed': {
      const { child, effect, error } = data as unknown as FactData['child.failed'];
      return { event: errorEvent(child, error), work: { ...state, children: without(state.children, effect, child === state.children[effect]?.child, record) } };
    }
    case 'child.blocked': return { work: heardOf(state, data as unknown as FactData['child.blocked'], record) };
    case 'child.stopped':
    case 'child.resumed': {
      const said = data as unknown as FactData['child.stopped'];
      return { event: { type: `xstate.${record.type}.${said.child}` }, work: heardOf(state, said, record) };
    }
    case 'timer.fired': return timerMeaning(state, data as unknown as FactData['timer.fired'], record);
    default: return { event: commandEvent(definition, state, record, data as JsonObject), work: state };
  }
}

function timerMeaning(state: ActorState, { timer, effect }: FactData['timer.fired'], record: LogRecord): Meaning {
  const pending = state.timers[effect];
  const work = { ...state, timers: without(state.timers, effect, timer === pending?.timer, record) };
  if (pending === undefined) return { work };
  return 'raise' in pending.means ? { event: pending.means.raise, work } : { send: pending.means.send, work };
}

/** That a child is blocked concerns whoever looks; that it was stopped and goes on also the chart, if it listens. */
function heardOf(state: ActorState, said: FactData['child.blocked' | 'child.stopped'], record: LogRecord): Work {
  const { child, effect, seq } = said;
  const running = state.children[effect];
  const others = without(state.children, effect, child === running?.child && seq > (running.heard ?? 0), record);
  if (running === undefined) return state;
  const its: RunningChild = { child: running.child, actor: running.actor, ...('blocked' in said ? { blocked: said.blocked } : {}), heard: seq };
  return { ...state, children: { ...others, [effect]: its } };
}

function without<T>(entries: Readonly<Record<EffectId, T>>, effect: EffectId, runs: boolean, record: LogRecord): Readonly<Record<EffectId, T>> {
  if (!runs) {
    throw new TerminalError('stale_effect', `${record.actor}: "${record.type}" speaks of the effect ${String(effect)}, which is not running`, {
      hint: 'it ended, was aborted or was replaced before; drop the record',
    });
  }
  const { [effect]: _ended, ...rest } = entries;
  return rest;
}

const doneEvent = (id: string, output: unknown): AnyEventObject => ({ type: `xstate.done.actor.${id}`, output, actorId: id });
const errorEvent = (id: string, error: unknown): AnyEventObject => ({ type: `xstate.error.actor.${id}`, error, actorId: id });

function commandEvent(definition: Definition, state: ActorState, record: LogRecord, data: JsonObject): AnyEventObject {
  const problem = commandProblem(record.type);
  if (problem !== undefined) {
    throw new TerminalError('unknown_record', `${record.actor}: there is no record type ${problem}`, { hint: 'a newer version may have written it; run that one' });
  }
  const before = takenAt(state, record.cause);
  if (before !== undefined) {
    throw new TerminalError('already_taken', `${record.actor} took the command ${JSON.stringify(record.cause)} before, as record ${before}`, { hint: 'a new wish needs an id of its own' });
  }
  // Who asked is the record's, not the body's: a chart may keep it.
  const event = { ...data, type: record.type, ...(record.by === undefined ? {} : { by: record.by }), ...(record.key === undefined ? {} : { signedBy: record.key }) };
  if (can(definition, state.snapshot, event)) return event;
  throw new TerminalError('command_refused', `${record.actor} cannot take "${record.type}" in ${stateText(valueIn(state.snapshot))}`, {
    hint: 'ask the chart before the command is recorded',
  });
}
