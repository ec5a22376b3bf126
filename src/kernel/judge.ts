import type { Definition, Verdict } from './definition.ts';
import { settled } from './canonical.ts';
import type { Json, JsonObject } from './json.ts';
import { commandProblem } from './names.ts';
import { pendingRequest } from './request.ts';
import type { ActorState } from './state.ts';
import { contextOf, hasEnded, valueOf } from './status.ts';
import { stateText } from './state-text.ts';
import { can, nextEvents } from './xstate.ts';

/**
 * The verdict on a command, from the chart as it stands; guards are evaluated with its data. Refusal codes:
 * `bad_command_name`, `actor_ended`, `command_refused`, and those of the machine's own words.
 * @throws TerminalError `chart_threw` when a guard throws, `data_not_json`.
 */
export function judge(definition: Definition, state: ActorState, command: string, data: JsonObject): Verdict {
  const value = valueOf(state);
  const problem = commandProblem(command);
  if (problem !== undefined) return { accepted: false, code: 'bad_command_name', reason: problem, value, allowed: allowedNow(definition, state) };
  const own = () => (Object.hasOwn(definition.refusals, command) ? definition.refusals[command]?.({ context: contextOf(state), value, data }) : undefined);
  if (hasEnded(state)) {
    return { accepted: false, code: 'actor_ended', reason: own()?.reason ?? `${state.actor} has ended${inState(value)}`, value, allowed: [] };
  }
  const event = { ...(settled(data, 'data_not_json', `the data of "${command}"`) as JsonObject), type: command };
  if (can(definition, state.snapshot, event)) return { accepted: true };
  const repeats = pendingRequest(definition, state, command);
  if (repeats !== undefined) return { accepted: true, repeats };
  const { code, reason } = own() ?? { code: 'command_refused', reason: `${state.actor} cannot take "${command}"${inState(value)}` };
  return { accepted: false, code, reason, value, allowed: allowedBeside(definition, state, command) };
}

const inState = (value: Json): string => (stateText(value) === '' ? '' : ` in ${stateText(value)}`);

/** What would be taken instead of a command that was refused. */
export const allowedBeside = (definition: Definition, state: ActorState, command: string): readonly string[] => allowedNow(definition, state).filter((name) => name !== command);

/** Commands that would be taken, or may be: a guard that looks at the command's data cannot be judged without it, but where only a parent sends any. */
export function allowedNow(definition: Definition, state: ActorState): readonly string[] {
  return hasEnded(state) ? [] : nextEvents(state.snapshot).filter((name) => mayTake(definition, state, name));
}

function mayTake(definition: Definition, state: ActorState, type: string): boolean {
  const isBare = definition.answersParent && (type === 'stop' || type === 'start');
  let dataRead = false;
  const event = new Proxy({ type }, {
    get(target, key) {
      dataRead ||= key !== 'type';
      return key === 'type' ? target.type : undefined;
    },
  });
  try {
    return can(definition, state.snapshot, event) || (dataRead && !isBare);
  } catch {
    return true;
  }
}
