import { blockageOf } from '../../../src/kernel/blockage.ts';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import type { Effect } from '../../../src/kernel/effect.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { hasEnded, statusOf, waitingFor } from '../../../src/kernel/status.ts';
import type { Story } from '../chronicle.ts';
import type { Run } from '../simulate.ts';
import type { Check } from './invariant.ts';

/** When all is quiet, every actor is terminal, waiting for a named thing, or blocked with a reason; and nothing it asked for is left undone. */
export const s1: Check = (run) => {
  if (run.restless !== undefined) return [`it never comes to rest: ${run.restless}`];
  return run.chronicle.all().flatMap((story) => [...unfinished(run, story), ...undone(run, story), ...unheard(run, story)]);
};

/** The board shows what the log says, and nothing half done is left. */
export async function boardOf({ broker, chronicle, restless }: Run): Promise<readonly string[]> {
  if (restless !== undefined) return [];
  const lines = await Promise.all(chronicle.all().map(async ({ actor, definition, records, state }) => {
    const line = await broker.board.get(actor);
    if (state === undefined || (line?.seq === records.length && line.status === statusOf(definition, state))) return [];
    return [`the board says ${JSON.stringify(line)} of ${actor}, which is ${statusOf(definition, state)} after ${records.length} records`];
  }));
  return lines.flat();
}

function unfinished({ chronicle }: Run, { actor, state }: Story): readonly string[] {
  if (state === undefined || hasEnded(state)) return [];
  const found: string[] = [];
  for (const [id, { activity }] of Object.entries(state.activities)) found.push(`${actor} waits for its activity "${activity}" (${id}), which nobody runs`);
  for (const [id, { timer }] of Object.entries(state.timers)) found.push(`${actor} waits for its timer "${timer}" (${id}), which is gone`);
  for (const { actor: child } of Object.values(state.children)) {
    const its = chronicle.of(child)?.state;
    if (its === undefined || hasEnded(its)) found.push(`${actor} waits for ${child}, which ${its === undefined ? 'was never created' : 'has ended'}`);
  }
  if (found.length === 0 && waitingFor(state).length === 0) found.push(`${actor} waits for nothing that has a name`);
  return found;
}

/** A parent is blocked on exactly those of its children that are. */
function unheard({ chronicle }: Run, { actor, state }: Story): readonly string[] {
  return Object.values(state?.children ?? {}).flatMap(({ actor: child, blocked }) => {
    const its = chronicle.of(child)?.state;
    const [knows, is] = [blocked, its && blockageOf(its)];
    return canonicalJson(knows ?? null) === canonicalJson(is ?? null) ? [] : [`${actor} takes ${child} for ${JSON.stringify(knows)}, and it is ${JSON.stringify(is)}`];
  });
}

const messages: readonly Effect['kind'][] = ['child.start', 'child.stop', 'command.send', 'parent.tell', 'parent.note'];

/** Messages, emits and actions that a log asks for and nobody ever saw. */
function undone(run: Run, { actor, effects }: Story): readonly string[] {
  return [...effects.values()].flatMap((effect) => {
    if (messages.includes(effect.kind) && !run.ledger.sent.has(`${actor}#${effect.id}`)) return [`${actor} asked for ${effect.kind} ${effect.id}, which was never sent`];
    if (effect.kind === 'event.emit' && !run.ledger.noticed.has(`emit ${actor} ${JSON.stringify(effect.event)}`)) return [`${actor} emits ${JSON.stringify(effect.event)}, which nobody ever heard`];
    if (effect.kind === 'action.run' && tooFew(run, effect.action, JSON.stringify(effect.params), actor)) return [`the action "${effect.action}" of ${actor} (${effect.id}) was never run`];
    return [];
  });
}

/** Actions do not say whose they are: all actors that asked for the same are counted together. */
function tooFew(run: Run, action: string, params: string, actor: ActorName): boolean {
  const asked = run.chronicle.all().filter((story) => story.actor === actor || story.effects.size > 0)
    .reduce((count, { effects }) => count + [...effects.values()].filter((effect) => effect.kind === 'action.run' && effect.action === action && JSON.stringify(effect.params) === params).length, 0);
  return (run.ledger.noticed.get(`action ${action} ${params}`) ?? 0) < asked;
}
