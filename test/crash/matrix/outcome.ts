import { freeze } from '../../../src/kernel/freeze.ts';
import type { Json, JsonObject } from '../../../src/kernel/json.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { verify } from '../../../src/kernel/chain.ts';
import { contextOf, outputOf, valueOf } from '../../../src/kernel/status.ts';
import type { Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** What a disturbed run must have in common with the undisturbed one. */
export type Outcome = JsonObject;

/** @throws when a run, however it ended, broke what must always hold. */
export async function outcomeOf(scenario: Scenario, run: Run): Promise<Outcome> {
  const { world, ledger } = run;
  const actors: Record<string, Json> = {};
  for (const actor of Object.keys(scenario.ends) as ActorName[]) {
    const verdict = verify(world.records(actor));
    if (!verdict.ok) throw new Error(`the chain of ${actor} is broken: ${verdict.reason}`);
    const line = await world.board.get(actor);
    const status = world.status(actor);
    if (line?.status !== status || line.seq !== world.records(actor).length) throw new Error(`the board says ${JSON.stringify(line)} of ${actor}, which is ${status}`);
    actors[actor] = { status, state: stateOf(scenario, run, actor) };
  }
  if (ledger.tooEarly.length > 0) throw new Error(`before their records were stored: ${ledger.tooEarly.join(', ')}`);
  const letters = await world.dead.list();
  if (JSON.stringify(letters.map(({ code }) => code)) !== JSON.stringify(scenario.letters ?? [])) {
    throw new Error(`dead letters: ${letters.map(({ subject, code, reason }) => `${subject} ${code} ${reason}`).join('; ')}`);
  }
  return { actors, effects: effectsOf(scenario, run), stock: [...ledger.stock].sort(), noticed: [...ledger.noticed].sort(), ...(ledger.hasSite() ? { site: ledger.site().world.picture() as Json } : {}) };
}

/** The whole state without its times; of a racy scenario where it led to. */
function stateOf(scenario: Scenario, { world }: Run, actor: ActorName): Json {
  const state = world.state(actor);
  if (scenario.racy) return { value: valueOf(state), context: timeless(contextOf(state), true), output: outputOf(state) };
  const { at: _at, createdAt: _createdAt, chain: _chain, snapshot, ...rest } = freeze(state) as JsonObject;
  const { context, ...more } = snapshot as JsonObject;
  return { ...rest, snapshot: { ...more, context: timeless(context ?? null, false) }, types: [...world.types(actor)] };
}

/** Requests without their moments; none of a racy scenario: what became of each depends on which came first. */
function timeless(context: Json, racy: boolean): Json {
  const { requests, ...rest } = (context ?? {}) as JsonObject;
  if (!Array.isArray(requests)) return context;
  return racy ? rest : { ...rest, requests: requests.map((request) => ({ ...(request as JsonObject), at: 0, settledAt: 0 })) };
}

/** Every effect that is in the world, each key once. */
function effectsOf(scenario: Scenario, { ledger }: Run): string[] {
  const actorOf = (key: string): string => key.split('#')[0] ?? key;
  return [...ledger.done].map(([key, what]) => `${what} ${scenario.racy ? actorOf(key) : key}`).sort();
}
