import type { Definition } from './definition.ts';
import { TerminalError } from './errors.ts';
import type { LogRecord } from './record.ts';
import type { ActorState } from './state.ts';
import { hasEnded } from './status.ts';
import { mayFollow, sameStamp } from './stamp.ts';

/** Is this the record that comes next in this actor's log, written by this definition? */
export function requireNext(definition: Definition, state: ActorState | undefined, record: LogRecord): void {
  if (state !== undefined && record.actor !== state.actor) {
    throw new TerminalError('wrong_actor', `a record of ${record.actor} was given to ${state.actor}`, { hint: 'fold each actor\'s records by themselves' });
  }
  const expected = (state?.seq ?? 0) + 1;
  if (record.seq !== expected) {
    throw new TerminalError('wrong_seq', `${record.actor}: record ${record.seq} came where ${expected} is next`, { hint: 'fold records one by one, in the order of their seq' });
  }
  if (!mayFollow(definition, state?.writtenBy, record.machine)) sameStamp(definition, record.machine, `record ${record.seq} of ${record.actor}`);
  if (state === undefined && record.type !== 'actor.created') {
    throw new TerminalError('not_created', `${record.actor}: the first record is "${record.type}"`, { hint: 'a log begins with actor.created' });
  }
  if (state === undefined) return;
  if (record.type === 'actor.created') {
    throw new TerminalError('already_created', `${record.actor} was created before`, { hint: 'actor.created is the first record only' });
  }
  if (hasEnded(state)) {
    throw new TerminalError('actor_ended', `${record.actor} has ended, and "${record.type}" came after it`, { hint: 'an ended actor takes nothing more; create another one' });
  }
}
