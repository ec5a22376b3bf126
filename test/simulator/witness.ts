import type { Effect } from '../../src/kernel/effect.ts';
import type { Json, JsonObject } from '../../src/kernel/json.ts';
import type { ActorName, EffectId } from '../../src/kernel/record.ts';
import { takenAt, type ActorState } from '../../src/kernel/state.ts';
import { hasEnded, statusOf } from '../../src/kernel/status.ts';
import { pendingRequest } from '../../src/kernel/request.ts';
import type { Delivery } from '../../src/runtime/ports/queue.ts';
import type { Broker } from './broker.ts';
import type { Chronicle } from './chronicle.ts';
import type { Ledger } from './ledger.ts';

export type InvariantId = 'L1' | 'L2' | 'L3' | 'L4' | 'L5' | 'L6' | 'S1' | 'S2' | 'S3' | 'Q1';

export interface Violation {
  readonly invariant: InvariantId;
  readonly text: string;
}

/** Sees every call in the moment in which it takes effect, and notes what must never be so. */
export interface Witness {
  readonly violations: readonly Violation[];
  /** An activity's code begins. */
  begins(key: string, src: string, input: Json): void;
  /** A host hands a message over that carries an effect's id. */
  sends(id: string): void;
  emits(actor: ActorName, event: JsonObject): void;
  answers(id: string, body: JsonObject): void;
  /** A record was stored, or a message of this actor is gone. */
  changed(actor: ActorName): void;
  /** A delivery was acknowledged. */
  acknowledged(delivery: Delivery): Promise<void>;
}

export function makeWitness(broker: Broker, chronicle: Chronicle, ledger: Ledger): Witness {
  const violations: Violation[] = [];
  const note = (invariant: InvariantId, text: string): void => { violations.push({ invariant, text }); };
  const requireStored = (id: string, what: string): void => {
    const [, actor = '', seq = '0'] = /^(.+)#(\d+):\d+$/.exec(id) ?? [];
    if (Number(seq) > broker.log.records(actor as ActorName).length) note('L1', `${what} ${id}: record ${seq} of ${actor} is not stored yet`);
  };
  return {
    violations,
    begins(key, src, input) {
      requireStored(key, `"${src}" begins as`);
      ledger.starts.set(key, { src, input });
    },
    sends(id) {
      requireStored(id, 'a message is sent as');
      ledger.sent.add(id);
    },
    emits(actor, event) {
      const text = JSON.stringify(event);
      const asked = [...chronicle.of(actor)?.effects.values() ?? []].some((effect) => effect.kind === 'event.emit' && JSON.stringify(effect.event) === text);
      if (!asked) note('L1', `${actor} emits ${text}, and no stored record asks for that`);
      ledger.notice(`emit ${actor} ${text}`);
    },
    answers(id, { accepted, seq, duplicate, request }) {
      if (accepted !== true) return;
      // What only repeats a pending request is answered as that one.
      const asked = duplicate === true ? (request as JsonObject).id : id;
      const isStored = broker.all().some((record) => record.seq === seq && (record.cause === asked || record.type === 'actor.created'));
      if (!isStored) note('L1', `"${id}" is answered as record ${JSON.stringify(seq)}, which is not stored`);
    },
    changed(actor) {
      const state = chronicle.of(actor)?.state;
      if (state === undefined || hasEnded(state)) return;
      const open = [...Object.keys(state.activities), ...Object.keys(state.timers)];
      if (open.length === 0) return;
      const its = `.cmd.${actor.replace('/', '.')}.`;
      if (broker.queue.stored().some(({ subject }) => subject.includes(its)) || broker.queue.schedules().some(({ target }) => target.includes(its))) return;
      note('L4', `${actor} has work in flight (${open.join(', ')}), and no message that brings it back`);
    },
    async acknowledged(delivery) {
      const trouble = await unaccounted(broker, chronicle, delivery);
      if (trouble !== undefined) note('Q1', trouble);
    },
  };
}

/** Why this message must not be gone: it is neither in a log, nor a dead letter, nor told to whoever waits, nor out of date. */
async function unaccounted(broker: Broker, chronicle: Chronicle, { type, actorId, command, id, subject, headers, body }: Delivery): Promise<string | undefined> {
  const story = chronicle.of(`${type}/${actorId}`);
  const state = story?.state;
  if (takenAt(state, id) !== undefined || story?.records.some(({ cause }) => cause === id)) return undefined;
  if (headers['Millrace-Reply'] !== undefined) return undefined;
  if ((await broker.dead.list()).some((letter) => letter.commandId === id && letter.subject === subject)) return undefined;
  // An actor that is there already, and a child that has ended when its parent stops it.
  if (state !== undefined && (command === '_create' || command === story?.definition.createdBy)) return undefined;
  if (command === 'cancel' && state !== undefined && story !== undefined && (hasEnded(state) || statusOf(story.definition, state) === 'blocked')) return undefined;
  // A parent's stop or start that its child has no use for: it waits for what the child tells.
  if ((command === 'stop' || command === 'start') && state?.parent !== undefined && headers['Millrace-By'] === state.parent.actor) return undefined;
  if (command === 'request-settled' && state !== undefined && hasEnded(state)) return undefined;
  if (command.startsWith('_child_')) return isNews(state, body) ? `${subject} "${id}" is gone, and its actor has not heard it` : undefined;
  // It only repeated a request that is pending.
  if (story !== undefined && state !== undefined && pendingRequest(story.definition, state, command) !== undefined) return undefined;
  if (command === '_timer' || command === '_child') return isOpen(story?.effects, state, body) ? `${subject} "${id}" is gone, and what it speaks of is still open` : undefined;
  return `${subject} "${id}" is gone: it is in no log, and no dead letter`;
}

/** Of a child that has not ended, and later than what was heard of it? */
function isNews(state: ActorState | undefined, body: Uint8Array): boolean {
  const { effect, seq } = JSON.parse(new TextDecoder().decode(body)) as { effect: EffectId; seq: number };
  const child = state?.children[effect];
  return child !== undefined && seq > (child.heard ?? 0);
}

function isOpen(effects: ReadonlyMap<EffectId, Effect> | undefined, state: ReturnType<Chronicle['all']>[number]['state'], body: Uint8Array): boolean {
  const { effect, timer } = JSON.parse(new TextDecoder().decode(body)) as { effect: EffectId; timer?: string };
  if (effects?.has(effect) !== true) return false;
  return timer === undefined ? state?.children[effect] !== undefined : state?.timers[effect]?.timer === timer;
}
