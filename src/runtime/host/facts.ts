import { TerminalError } from '../../kernel/errors.ts';
import type { EffectId, FactData } from '../../kernel/record.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Delivery } from '../ports/queue.ts';
import { failureOf } from '../failure.ts';
import { block } from './block.ts';
import { commit } from './commit.ts';
import type { Cell, Fact, HostContext, Input } from './context.ts';
import { childNews, internal, internalBody } from './internal.ts';
import { hold, saidAt } from './held.ts';
import { askedBy } from './key.ts';
import { load, redo, requireFresh, resume } from './load.ts';

/** A fact of this process: an activity it ran has ended, a timer it armed is due. */
export async function deliverFact(host: HostContext, cell: Cell, input: Extract<Input, { kind: 'fact' }>): Promise<void> {
  await load(host, cell);
  if (isCurrent(cell, input.fact)) await recordInTurn(host, cell, input.fact, input.cause);
  // Recorded after all: an append that nobody answered was stored, and the reload brought its effects but for these.
  else await redo(host, cell, input.cause, askedBy(input.effect) + 1);
  cell.running.delete(input.effect);
}

/** A fact that came as a message: a scheduled timer, a child's end. It may have been recorded before. */
export async function deliverInternalFact(host: HostContext, cell: Cell, delivery: Delivery): Promise<void> {
  const { effect, fact, cause = effect } = factOf(cell, delivery);
  // An effect of a record we have not seen is not stale: another host asked for it.
  if (askedBy(effect) > (cell.state?.seq ?? 0)) await requireFresh(host, cell);
  if (fact === undefined || !isCurrent(cell, fact)) await resume(host, cell, cause, askedBy(effect) + 1);
  else if (earlyBy(host, cell, fact) > toleranceMs) return delivery.retry(earlyBy(host, cell, fact));
  else await recordInTurn(host, cell, fact, cause);
  hold(cell, delivery, await saidAt(host, cell, cause, effect));
}

type NewsCommand = (typeof childNews)[keyof typeof childNews];

type EffectFact = Exclude<Fact, { type: 'actor.created' }>;

/** No fact: the child it speaks of is not running. `cause`: of what may be said several times about one effect. */
function factOf(cell: Cell, delivery: Delivery): { effect: EffectId; fact?: EffectFact; cause?: string } {
  if (delivery.command === internal.timerDue) {
    const data = internalBody(internal.timerDue, delivery);
    return { effect: data.effect, fact: { type: 'timer.fired', data } };
  }
  const news = Object.values(childNews).find((command) => command === delivery.command);
  if (news !== undefined) return newsIn(cell, delivery, news);
  const { effect, outcome } = internalBody(internal.childEnded, delivery);
  const child = cell.state?.children[effect]?.child;
  if (child === undefined) return { effect };
  const fact: EffectFact = outcome.ok
    ? { type: 'child.completed', data: { child, effect, output: outcome.output } }
    : { type: 'child.failed', data: { child, effect, error: outcome.error } };
  return { effect, fact };
}

function newsIn(cell: Cell, delivery: Delivery, command: NewsCommand): { effect: EffectId; fact?: EffectFact; cause: string } {
  const said = internalBody(command, delivery);
  const { effect, seq } = said;
  const child = cell.state?.children[effect]?.child;
  const cause = delivery.id;
  if (child === undefined) return { effect, cause };
  if ('blocked' in said) return { effect, cause, fact: { type: 'child.blocked', data: { child, effect, seq, blocked: said.blocked } } };
  return { effect, cause, fact: { type: command === internal.childStopped ? 'child.stopped' : 'child.resumed', data: { child, effect, seq } } };
}

/** Is the effect this fact speaks of the running one? A late result, a replaced timer, an ended child is none. */
function isCurrent(cell: Cell, fact: Fact): boolean {
  const { state } = cell;
  if (state === undefined) return false;
  switch (fact.type) {
    case 'activity.completed':
    case 'activity.failed': return state.activities[fact.data.effect] !== undefined;
    // The name as well: anybody can publish a timer's message.
    case 'timer.fired': return state.timers[fact.data.effect]?.timer === fact.data.timer;
    case 'child.completed':
    case 'child.failed': return state.children[fact.data.effect] !== undefined;
    case 'child.blocked':
    case 'child.stopped':
    case 'child.resumed': {
      // Its news may come in another order than it told them.
      const child = state.children[fact.data.effect];
      return child !== undefined && fact.data.seq > (child.heard ?? 0);
    }
    case 'actor.created': return false;
  }
}

/** How far clocks of hosts and broker may differ before a timer is taken for early. */
const toleranceMs = 250;

const earlyBy = (host: HostContext, cell: Cell, fact: EffectFact): number =>
  fact.type === 'timer.fired' ? (cell.state?.timers[fact.data.effect]?.due ?? 0) - host.clock.now() : 0;

/** Timers fire in the order in which they were due, also when all of them are overdue and the last one's message comes first. */
async function recordInTurn(host: HostContext, cell: Cell, fact: Fact, cause: string): Promise<void> {
  for (let first = dueBefore(cell, fact); first !== undefined && cell.blocked === undefined; first = dueBefore(cell, fact)) {
    await record(host, cell, first, first.data.effect);
  }
  if (cell.blocked === undefined && isCurrent(cell, fact)) await record(host, cell, fact, cause);
}

function dueBefore(cell: Cell, fact: Fact): Extract<Fact, { type: 'timer.fired' }> | undefined {
  const timers = cell.state?.timers ?? {};
  const its = fact.type === 'timer.fired' ? timers[fact.data.effect] : undefined;
  if (its === undefined) return undefined;
  const [first] = Object.entries(timers).filter(([, { due }]) => due < its.due).sort(([, a], [, b]) => a.due - b.due);
  return first === undefined ? undefined : { type: 'timer.fired', data: { timer: first[1].timer, effect: first[0] as EffectId } };
}

/** What cannot be recorded as a success is recorded as the failure it is; a chart that cannot take that either is blocked. */
async function record(host: HostContext, cell: Cell, fact: Fact, cause: string): Promise<void> {
  try {
    await commit(host, cell, { type: fact.type, data: fact.data as unknown as JsonObject, cause });
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    host.logger.warn({ actor: cell.actor, fact: fact.type, code: error.code, error: error.message }, 'a fact could not be recorded');
    const failed = asFailure(fact, error);
    if (failed !== undefined) return await record(host, cell, failed, cause);
    block(host, cell, error);
  }
}

function asFailure(fact: Fact, error: TerminalError): Fact | undefined {
  if (fact.type === 'activity.completed') {
    const { activity, effect } = fact.data satisfies FactData['activity.completed'];
    return { type: 'activity.failed', data: { activity, effect, error: failureOf(error) } };
  }
  if (fact.type === 'child.completed') {
    const { child, effect } = fact.data;
    return { type: 'child.failed', data: { child, effect, error: failureOf(error) } };
  }
  return undefined;
}
