import { TerminalError } from '../../kernel/errors.ts';
import { judge } from '../../kernel/judge.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { isToken } from '../../kernel/names.ts';
import type { LogRecord, ParentRef } from '../../kernel/record.ts';
import { requestOf, type ControlRequest } from '../../kernel/request.ts';
import { takenAt } from '../../kernel/state.ts';
import { hasEnded, outputOf, statusOf } from '../../kernel/status.ts';
import type { Identity } from '../ports/identities.ts';
import type { Delivery } from '../ports/queue.ts';
import { commit, type Draft } from './commit.ts';
import type { Blocked, Cell, HostContext, Input } from './context.ts';
import { resumeActivities } from './activities.ts';
import { checkBody, parseBody, sameJson } from './intake.ts';
import { internal, internalBody, isInternal, isInternalFact } from './internal.ts';
import { deliverInternalFact } from './facts.ts';
import { handOver, refuseEnded } from './hand-over.ts';
import { acknowledge, hold } from './held.ts';
import { comeBack } from './leave-off.ts';
import { assumeNew, load, requireFresh, resume } from './load.ts';
import { accept, bury, byHeader, refuse, replyHeader } from './refuse.ts';

/** One delivery, from the queue to the verdict. Retryable errors are the caller's; terminal ones end as dead letters. */
export async function deliver(host: HostContext, cell: Cell, { delivery, at }: DeliveryInput): Promise<void> {
  try {
    comeBack(cell, delivery);
    if (isFirstSight(cell, delivery)) assumeNew(cell);
    await load(host, cell);
    if (await isSettledElsewhere(host, delivery, at)) return;
    if (cell.blocked !== undefined) return await refuseBlocked(host, cell, cell.blocked, delivery);
    const seq = takenAt(cell.state, delivery.id);
    if (seq !== undefined) return await takenBefore(host, cell, delivery, seq);
    if (isInternalFact(delivery.command)) return await deliverInternalFact(host, cell, delivery);
    const who = identityOf(host, delivery);
    if (who.kind === 'refused' && !isOfParent(cell, delivery, who)) return await refuse(host, delivery, { accepted: false, code: who.code, reason: who.reason, hint: who.hint, value: null, allowed: [] });
    if (cell.state === undefined || creates(cell, delivery.command)) return await create(host, cell, delivery);
    await command(host, cell, delivery);
  } catch (error) {
    // What is in the log is work in flight, and never becomes a dead letter.
    if (!(error instanceof TerminalError) || takenAt(cell.state, delivery.id) !== undefined) throw error;
    await requireFresh(host, cell);
    await bury(host, delivery, error);
  }
}

type DeliveryInput = Extract<Input, { kind: 'delivery' }>;

/**
 * What waited here for long, or was passed on, may have been in other hands too. If those settled it, no message
 * stands behind what would be taken, or kept, now; and if they turned it away, its publisher was told.
 */
async function isSettledElsewhere(host: HostContext, delivery: Delivery, at: number): Promise<boolean> {
  const lapsedMs = 3 * host.queue.extendEveryMs;
  const isDoubtful = delivery.isPassedOn?.() === true || host.clock.now() - at >= lapsedMs;
  return isDoubtful && await delivery.isGone();
}

async function takenBefore(host: HostContext, cell: Cell, delivery: Delivery, seq: number): Promise<void> {
  const [record] = await requireFresh(host, cell, seq);
  if (record !== undefined && !isRecordOf(cell, record, delivery.command)) {
    return await refuse(host, delivery, {
      accepted: false, code: 'id_taken', reason: `${cell.actor} took another command, "${record.type}", under the id ${JSON.stringify(delivery.id)}`, value: null, allowed: [],
      hint: 'give every wish an id of its own',
    });
  }
  accept(host, delivery, seq, saying(requestOf(cell.definition, cell.state, delivery.id)));
  hold(cell, delivery, seq);
  await resume(host, cell, delivery.id, seq);
}

const isRecordOf = (cell: Cell, { type }: LogRecord, command: string): boolean => (type === 'actor.created' ? creates(cell, command) : type === command);

const isFirstSight = (cell: Cell, delivery: Delivery): boolean =>
  !cell.loaded && !cell.guessed && delivery.deliveries === 1 && creates(cell, delivery.command);

const creates = (cell: Cell, command: string): boolean => command === cell.definition.createdBy || command === internal.create;

async function create(host: HostContext, cell: Cell, delivery: Delivery): Promise<void> {
  if (!creates(cell, delivery.command)) return await noSuchActor(host, cell, delivery);
  const { input, parent } = creation(cell, delivery);
  if (cell.state !== undefined) return await createdAlready(host, cell, delivery, input);
  await take(host, cell, delivery, { type: 'actor.created', data: { input, ...(parent === undefined ? {} : { parent: { ...parent } }) }, ...from(host, delivery) });
}

/** How often what an actor sent waits for whom it is for to be created. */
const creationPatience = 3;

async function noSuchActor(host: HostContext, cell: Cell, delivery: Delivery): Promise<void> {
  await requireFresh(host, cell);
  // The creation is on its way back from a host that died, and what was sent after it has overtaken it.
  if (isFromActor(delivery) && delivery.deliveries <= creationPatience) return delivery.retry(Math.ceil(4 * host.queue.extendEveryMs));
  const { createdBy } = cell.definition;
  await refuse(host, delivery, {
    accepted: false, code: 'no_such_actor', reason: `there is no ${cell.actor}`, value: null, allowed: [createdBy],
    hint: `create it first, with the command "${createdBy}"`,
  });
}

const isFromActor = ({ headers }: Delivery): boolean => headers[replyHeader] === undefined && /^[\w-]+\/[\w-]+$/.test(headers[byHeader] ?? '');

function creation(cell: Cell, delivery: Delivery): { input: JsonObject; parent?: ParentRef } {
  const { createdBy } = cell.definition;
  if (delivery.command !== internal.create) return { input: checkBody(cell.definition, createdBy, parseBody(delivery)) };
  const { input, parent } = internalBody(internal.create, delivery);
  return { input: checkBody(cell.definition, createdBy, input as JsonObject), parent };
}

/** The same wish under another id is the same actor; another wish under the same name is refused. */
async function createdAlready(host: HostContext, cell: Cell, delivery: Delivery, input: Json): Promise<void> {
  const { records } = await host.log.read(cell.actor);
  if (sameJson(records[0]?.data.input ?? null, input)) {
    if (cell.state !== undefined) accept(host, delivery, 1, { existing: true, status: statusOf(cell.definition, cell.state), ...(hasEnded(cell.state) ? { output: outputOf(cell.state) } : {}) });
    // It led to nothing, so another message is kept for work in flight; should it be the last one left, the work is ours.
    hold(cell, delivery);
    resumeActivities(host, cell);
    return;
  }
  await refuse(host, delivery, {
    accepted: false, code: 'already_exists', reason: `${cell.actor} exists already, created with another input`, value: null, allowed: [],
    hint: 'choose another id, or send the input it was created with',
  });
}

async function command(host: HostContext, cell: Cell, delivery: Delivery): Promise<void> {
  if (cell.state === undefined) return;
  if (!isToken(delivery.command) || isInternal(delivery.command)) {
    throw new TerminalError('bad_command_name', `"${delivery.command}" is not a command's name`, { hint: 'a command is one word of letters, digits, - and _, and does not begin with _' });
  }
  const body = checkBody(cell.definition, delivery.command, parseBody(delivery));
  const verdict = judge(cell.definition, cell.state, delivery.command, body);
  if (!verdict.accepted) {
    await requireFresh(host, cell);
    if (isFutile(cell, delivery)) return await acknowledge(host, cell, delivery);
    return await refuse(host, delivery, verdict);
  }
  if (verdict.repeats !== undefined) return await repeat(host, cell, delivery, verdict.repeats);
  await take(host, cell, delivery, { type: delivery.command, data: body, ...from(host, delivery) });
}

/** The same is under way: the answer is that request, and there is nothing to record. Told last, and by no host that has passed it on: as {@link refuse} does. */
async function repeat(host: HostContext, cell: Cell, delivery: Delivery, request: ControlRequest): Promise<void> {
  await requireFresh(host, cell);
  if (delivery.isPassedOn?.() === true) return delivery.retry(0);
  await acknowledge(host, cell, delivery);
  accept(host, delivery, takenAt(cell.state, request.id) ?? 0, { ...saying(request), duplicate: true });
}

/** The request a verdict tells of. */
const saying = (request: ControlRequest | undefined): JsonObject => (request === undefined ? {} : { request: { ...request } });

/**
 * A parent stops its child in the moment in which the child ends, or while it is blocked on the way back, or pauses one
 * that is paused or turning back: nothing is left to do but to wait for what it tells, and the parent does. So with what
 * a child tells a parent that has ended.
 */
function isFutile({ definition, state }: Cell, delivery: Delivery): boolean {
  if (state === undefined) return false;
  const { command, headers } = delivery;
  if (command === 'request-settled') return hasEnded(state) && isFromActor(delivery);
  if (state.parent === undefined || state.parent.actor !== headers[byHeader]) return false;
  if (command === 'cancel') return hasEnded(state) || statusOf(definition, state) === 'blocked';
  return definition.requests !== undefined && (command === 'stop' || command === 'start');
}

async function take(host: HostContext, cell: Cell, delivery: Delivery, draft: Draft): Promise<void> {
  const { seq } = await commit(host, cell, draft);
  accept(host, delivery, seq, saying(requestOf(cell.definition, cell.state, delivery.id)));
  hold(cell, delivery, seq);
}

const claimed: Identity = { kind: 'claimed' };
const identityOf = (host: HostContext, delivery: Delivery): Identity => host.identities?.identify(delivery, host.clock.now()) ?? claimed;

/** A parent has no key: what it asks of its child needs no signature, and gets no authority from one. */
const isOfParent = ({ state }: Cell, { headers }: Delivery, { code }: Extract<Identity, { kind: 'refused' }>): boolean =>
  code === 'identity_needed' && state?.parent !== undefined && headers[byHeader] === state.parent.actor;

/** Who asks and why it is here. A checked signature goes before what the sender says. */
function from(host: HostContext, delivery: Delivery): Pick<Draft, 'cause' | 'by' | 'key' | 'traceparent'> {
  const { [byHeader]: said, traceparent: given } = delivery.headers;
  // It is carried as it came: only what is one.
  const traceparent = given !== undefined && isTraceparent(given) ? given : undefined;
  const who = identityOf(host, delivery);
  const [by, key] = who.kind === 'authenticated' ? [who.name, who.key] : [said, undefined];
  return { cause: delivery.id, ...(by === undefined ? {} : { by }), ...(key === undefined ? {} : { key }), ...(traceparent === undefined ? {} : { traceparent }) };
}

/** W3C trace context: hexadecimal digits, and nothing else. */
const isTraceparent = (text: string): boolean => /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(text);

/** What another definition began is for whoever carries that one. Else work in flight waits for a worker that can go on with it; a new wish is answered now. */
async function refuseBlocked(host: HostContext, cell: Cell, { error, taken, writtenBy }: Blocked, delivery: Delivery): Promise<void> {
  if (writtenBy !== undefined) {
    if (!await refuseEnded(host, cell, delivery)) await handOver(host, cell, delivery, writtenBy);
    return;
  }
  const isInFlight = takenAt(cell.state, delivery.id) !== undefined || taken.has(delivery.id);
  if (isInFlight || isInternal(delivery.command) || delivery.deliveries > 1) return hold(cell, delivery);
  await refuse(host, delivery, {
    accepted: false, code: 'actor_blocked', reason: `the actor is blocked: ${error.message}`, value: null, allowed: [],
    hint: error.hint ?? 'run a worker whose definition can fold its log',
  });
}
