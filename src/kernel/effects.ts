import { settled } from './canonical.ts';
import { entryWhere, put, type Draft } from './draft.ts';
import { start, stop } from './draft-running.ts';
import { cancelById, setTimer, settledEvent } from './draft-timers.ts';
import { TerminalError } from './errors.ts';
import { commandProblem, parseActor } from './names.ts';
import type { ActorName } from './record.ts';
import type { Asked, SendTarget } from './xstate-asked.ts';

/** Turn one thing a step asks for into effects. @throws TerminalError when it cannot be made durable. */
export function take(draft: Draft, asked: Asked): void {
  switch (asked.kind) {
    case 'timer': {
      const { id, delay, event } = asked;
      setTimer(draft, { id, type: event.type, delay, means: { raise: settledEvent(event) } });
      break;
    }
    case 'cancel': cancelById(draft, asked.id); break;
    case 'spawn': start(draft, asked); break;
    case 'stop': stop(draft, asked.id, false); break;
    case 'abort': stop(draft, asked.id, true); break;
    case 'send': send(draft, asked); break;
    case 'emit': put(draft, { kind: 'event.emit', event: settledEvent(asked.event) }); break;
    case 'action': {
      const params = settled(asked.params ?? null, 'params_not_json', `the parameters of "${asked.name}"`);
      put(draft, { kind: 'action.run', action: asked.name, params });
      break;
    }
  }
}

function send(draft: Draft, { to, event, id, delay }: Extract<Asked, { kind: 'send' }>): void {
  const { type } = event;
  if (to.kind === 'self' && delay !== undefined) return setTimer(draft, { id, type, delay, means: { raise: settledEvent(event) } });
  const actor = addressee(draft, to);
  if (actor === undefined) return;
  const problem = commandProblem(type);
  if (problem !== undefined) {
    throw new TerminalError('bad_event_name', `an event for ${actor} cannot go out as a command: ${problem}`, { hint: 'name it with letters, digits, - and _ only' });
  }
  const { type: command, ...data } = settledEvent(event);
  if (delay === undefined) put(draft, { kind: 'command.send', to: actor, command, data });
  else setTimer(draft, { id, type, delay, means: { send: { to: actor, command, data } } });
}

/** Undefined for a child that has ended: as in XState, what is sent to it is lost. */
function addressee(draft: Draft, to: SendTarget): ActorName | undefined {
  switch (to.kind) {
    case 'self': return draft.turn.actor;
    case 'parent': return draft.turn.parent;
    case 'actor': return parseActor(to.name).actor;
    case 'child': {
      if (entryWhere(draft.work.activities, ({ activity }) => activity === to.id) !== undefined) {
        throw new TerminalError('bad_send_target', `"${to.id}" is an activity, and activities take no events`, { hint: 'give it what it needs as input, or make it a child machine' });
      }
      return entryWhere(draft.work.children, ({ child }) => child === to.id)?.[1].actor;
    }
  }
}
