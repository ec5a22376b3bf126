import type { Effect } from '../../kernel/effect.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { contextOf } from '../../kernel/status.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { ActorState } from '../../kernel/state.ts';
import type { Cell, HostContext } from './context.ts';
import { abortActivity, startActivity } from './activities.ts';
import { cancelTimer, setTimer } from './timers.ts';
import { childNews, internal } from './internal.ts';
import { askedBy, effectKey } from './key.ts';
import { failureOf } from '../failure.ts';

/**
 * Do what a record asks for. Resolves when all of it is durable or running; activities go on by themselves.
 * While the broker is away it keeps trying: the record is stored, so its effects are owed. `state`: as it was then.
 */
export async function perform(host: HostContext, cell: Cell, effects: readonly Effect[], state = cell.state): Promise<void> {
  for (const effect of effects) await untilDone(host, cell, effect, state);
}

async function untilDone(host: HostContext, cell: Cell, effect: Effect, state: ActorState | undefined): Promise<void> {
  for (let failures = 0; host.phase !== 'dead'; failures++) {
    try {
      return await performOne(host, cell, effect, state);
    } catch (error) {
      if (error instanceof TerminalError) return await cannotBeDone(host, cell, effect, error);
      host.logger.warn({ actor: cell.actor, effect: effect.id, kind: effect.kind, error: String(error) }, 'an effect waits for the broker');
      await new Promise<void>((resolve) => { host.clock.after(Math.min(5_000, 50 * 2 ** failures), resolve); });
    }
  }
}

/** A child that cannot be started, or whose output is too large to tell, has failed for its parent. Everything else is reported. */
async function cannotBeDone(host: HostContext, cell: Cell, effect: Effect, error: TerminalError): Promise<void> {
  host.logger.error({ actor: cell.actor, effect: effect.id, kind: effect.kind, code: error.code, error: error.message }, 'an effect can never be done');
  if (effect.kind === 'parent.tell' && effect.outcome.ok) return await untilDone(host, cell, { ...effect, outcome: { ok: false, error: failureOf(error) } }, cell.state);
  if (effect.kind !== 'child.start') return;
  const { child, id } = effect;
  host.enqueue(cell, { kind: 'fact', cause: id, effect: id, fact: { type: 'child.failed', data: { child, effect: id, error: failureOf(error) } } });
}

async function performOne(host: HostContext, cell: Cell, effect: Effect, state: ActorState | undefined): Promise<void> {
  const send = (to: ActorName, command: string, body: JsonObject): Promise<void> =>
    host.queue.send({ to, command, body, id: effectKey(cell.actor, effect.id), by: cell.actor });
  switch (effect.kind) {
    case 'activity.start': return startActivity(host, cell, effect);
    case 'activity.abort': return abortActivity(cell, effect.target);
    case 'timer.set': return setTimer(host, cell, effect);
    case 'timer.cancel': return cancelTimer(host, cell, { id: effect.target, timer: effect.timer });
    case 'child.start': return send(effect.actor, internal.create, { input: effect.input, parent: { actor: cell.actor, effect: effect.id } });
    case 'child.stop': return send(effect.actor, 'cancel', {});
    case 'command.send': return send(effect.to, effect.command, effect.data);
    case 'parent.tell': return send(effect.parent, internal.childEnded, { effect: effect.effect, outcome: effect.outcome as unknown as JsonObject });
    case 'parent.note': return noteParent(send, effect);
    case 'event.emit': return host.signals.emit(cell.actor, effect.event);
    case 'action.run': return runAction(host, cell, state, effect);
  }
}

/** The record that asked says which news are the newer ones. */
function noteParent(send: (to: ActorName, command: string, body: JsonObject) => Promise<void>, { id, parent, effect, news }: Extract<Effect, { kind: 'parent.note' }>): Promise<void> {
  const { is, blocked } = news;
  return send(parent, childNews[is], { effect, seq: askedBy(id), ...(blocked === undefined ? {} : { blocked }) });
}

async function runAction(host: HostContext, cell: Cell, state: ActorState | undefined, { action, params }: Extract<Effect, { kind: 'action.run' }>): Promise<void> {
  try {
    const context = state === undefined ? undefined : contextOf(state);
    await cell.definition.actions[action]?.({ context, event: undefined }, params);
  } catch (error) {
    // An action has no way back into the chart: work that can fail belongs in an activity.
    host.logger.warn({ actor: cell.actor, action, error: String(error) }, 'an action threw; the actor goes on');
  }
}
