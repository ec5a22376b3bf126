import { contextOf, outputOf, valueOf } from '../../../../src/kernel/status.ts';
import { givenUpLetters } from '../../../../src/adapters/nats/given-up.ts';
import { namesFor } from '../../../../src/adapters/nats/names.ts';
import type { JsonObject } from '../../../../src/kernel/json.ts';
import type { ActorName } from '../../../../src/kernel/record.ts';
import type { RunContext } from '../../../../src/machines/run/context.ts';
import { runDefinition } from '../../../../src/machines/run/machine.ts';
import type { RunOutput } from '../../../../src/machines/run/output.ts';
import type { BuildRunner } from '../../../../src/machines/run/runner.ts';
import { makeWorld, type World } from '../../../support/world.ts';
import { makeBackend, type Backend, type Plan } from './backend.ts';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Runs on hosts in virtual time, at a backend that does as planned. */
export function makeRig(plan: Plan = {}, { pausable = false, ...options }: { readonly pausable?: boolean } & Parameters<typeof makeWorld>[1] = {}) {
  // Nothing of these two is called before both are there.
  const definition = runDefinition({
    runners: (): BuildRunner => (pausable ? backend.pausable : backend.runner), giveUp: (given) => givenUpLetters(world.dead, namesFor())(given),
  });
  const world: World = makeWorld([definition], options);
  const backend: Backend = makeBackend(world.clock, plan);
  return {
    world, backend, definition,
    trigger: (actor: ActorName = 'run/r1', input: JsonObject = {}) => world.send(actor, 'trigger', { runner: 'fake', head: [{ uri: 'source:x' }], ...input }),
    /** The verdict on a command. */
    async ask(command: string, body: JsonObject = {}, actor: ActorName = 'run/r1'): Promise<JsonObject | undefined> {
      const id = await world.send(actor, command, body);
      await world.clock.advance(10);
      return world.answer(id);
    },
    value: (actor: ActorName = 'run/r1'): unknown => valueOf(world.state(actor)),
    context: (actor: ActorName = 'run/r1'): RunContext => contextOf(world.state(actor)) as unknown as RunContext,
    output: (actor: ActorName = 'run/r1'): RunOutput => outputOf(world.state(actor)) as unknown as RunOutput,
    async untilEnded(limitMs = hour, actor: ActorName = 'run/r1'): Promise<RunOutput> {
      await world.clock.runUntil(() => world.ended(actor), limitMs);
      await world.clock.advance(minute);
      return outputOf(world.state(actor)) as unknown as RunOutput;
    },
    letters: async () => (await world.dead.list()).map(({ id, code, reason, actorId }) => ({ id, code, reason, actorId })),
  };
}

export type Rig = ReturnType<typeof makeRig>;
