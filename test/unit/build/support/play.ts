import { z } from 'zod';
import { createMachine } from 'xstate';
import { defineMachine } from '../../../../src/kernel/define.ts';
import type { JsonObject } from '../../../../src/kernel/json.ts';
import type { ActorName } from '../../../../src/kernel/record.ts';
import { buildSteps } from '../../../../src/machines/build/definition.ts';
import type { Step, UndoScope } from '../../../../src/machines/saga/step.ts';
import type { World } from './world.ts';

/** Stands for the machine that builds at a runner. */
export const runStub = defineMachine({ version: '1', machine: createMachine({ id: 'run', initial: 'done', states: { done: { type: 'final' } } }) });

export const artifact = 'ab'.repeat(32);
export const stepsOf = (world: World): readonly Step[] => buildSteps({ ports: world.ports, run: runStub });

export function stepNamed(world: World, name: string): Step {
  const found = stepsOf(world).find((step) => step.name === name);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
}

export interface Build {
  readonly actor: ActorName;
  /** The saga's data: the input, and what the steps gave. */
  data: JsonObject;
}

export const build = (id: string, input: JsonObject): Build => ({ actor: `build/${id}`, data: input });

/** What the step gives, parsed as the saga does. The child's part is played here: it succeeds. */
export async function run(step: Step, { actor, data }: Build): Promise<JsonObject> {
  const needs = needsOf(step, data);
  if (step.skipIf?.(needs) || false) return plain(step.gives.parse(step.skipGives ?? {}));
  if ('run' in step) return plain(step.gives.parse(await step.run(scope(step, actor, needs))));
  const settled = step.settle({ status: 'succeeded', metadata: { artifact, durationMs: '1200' }, infrastructure: false });
  if (!settled.ok) throw new Error(settled.error.message);
  return plain(step.gives.parse(settled.gives));
}

export async function undo(step: Step, { actor, data }: Build, output?: JsonObject): Promise<void> {
  const needs = needsOf(step, data);
  if (step.skipIf?.(needs) || false) return;
  await step.undo?.({ ...scope(step, actor, needs), output });
}

/** Runs the steps up to and without `until`; all of them when there is none such. */
export async function runUntil(world: World, one: Build, until?: string): Promise<readonly Step[]> {
  const done: Step[] = [];
  for (const step of stepsOf(world)) {
    if (step.name === until) break;
    one.data = { ...one.data, ...await run(step, one) };
    done.push(step);
  }
  return done;
}

const needsOf = (step: Step, data: JsonObject): JsonObject =>
  plain(step.needs.parse(Object.fromEntries(Object.keys(step.needs.shape).filter((key) => data[key] !== undefined).map((key) => [key, data[key]]))));

const plain = (value: unknown): JsonObject => z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(value)));

const scope = (step: Step, actor: ActorName, needs: JsonObject): UndoScope<JsonObject, JsonObject> => ({
  input: needs, signal: new AbortController().signal, actor, effect: '1:0', key: `${actor}#1:0`,
  progress: () => undefined, now: () => 0, secret: () => { throw new Error('it has none'); }, wait: () => Promise.resolve(), stepKey: `${actor}/${step.name}`, attempt: 1, output: undefined,
});
