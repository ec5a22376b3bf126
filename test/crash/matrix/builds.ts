import type { ActivityCode, ActivityScope, Definition } from '../../../src/kernel/definition.ts';
import { TerminalError } from '../../../src/kernel/errors.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { contextOf } from '../../../src/kernel/status.ts';
import type { ActorState } from '../../../src/kernel/state.ts';
import { buildDefinition } from '../../../src/machines/build/definition.ts';
import type { BuildPorts } from '../../../src/machines/build/ports.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import type { BuildRunner } from '../../../src/machines/run/runner.ts';
import type { SagaContext } from '../../../src/machines/saga/types.ts';
import { fusePorts, fuseRunner } from '../../support/build/fused.ts';
import { stepNames, type StepName } from '../../support/build/step-names.ts';
import type { Hands } from './hands.ts';
import type { Scenario, Wish } from './scenario.ts';
import { source } from './site.ts';

const build = 'build/b1';

interface Course {
  /** The first run of this step's code, once it has done its work, goes on until it is aborted. */
  readonly hangs?: StepName;
  /** It does its work and then fails for good. */
  readonly fails?: StepName;
}

/** The build machine and its run machine, over a world in memory that is another one in each run. */
const buildsOf = (course: Course) => (hands: Hands): readonly Definition[] => {
  const fuse = { pass: hands.pass };
  const ports = lent(() => fusePorts(fuse, hands.site().world.ports), { runners: ['fake'] });
  const run = runDefinition({ runners: () => fuseRunner(fuse, slow(hands, course)) });
  const definition = buildDefinition({ ports, run });
  const activities = Object.entries(definition.activities).map(([name, code]): [string, ActivityCode] => [name, (scope) => {
    const { key, signal } = scope as ActivityScope;
    return hands.work({ key, signal, ...(name === course.hangs ? { hangs: name } : {}) }, async () => {
      const output = await code(scope);
      if (name === course.fails) throw new TerminalError('made_to_fail', `${name} fails after it was done`);
      return output;
    });
  }]);
  return [run, { ...definition, activities: Object.fromEntries(activities) }];
};

/** The ports of the run that goes on now. */
function lent(now: () => BuildPorts, fixed: Partial<BuildPorts>): BuildPorts {
  const verbs = (port: keyof BuildPorts): unknown => new Proxy({}, {
    get: (_target, verb) => (...args: readonly unknown[]) => (now()[port] as unknown as Record<PropertyKey, (...args: readonly unknown[]) => unknown>)[verb]?.(...args),
  });
  return {
    ...Object.fromEntries((['blobs', 'workspaces', 'tree', 'entities', 'deployer', 'addons'] as const).map((port) => [port, verbs(port)])) as unknown as BuildPorts,
    say: (...args) => now().say(...args), now: () => now().now(), runners: [], ...fixed,
  };
}

/** A build at the service takes as long as nobody cancels it, when it is the first one and the step is to hang. */
function slow(hands: Hands, { hangs }: Course): BuildRunner {
  const runner = (): BuildRunner => hands.site().runner;
  return {
    name: 'fake', status: (id) => runner().status(id), cancel: (id) => runner().cancel(id),
    trigger(request) {
      const [first = request.idempotencyKey] = hands.site().runner.started;
      const never = hangs === 'build-artifact' && first === request.idempotencyKey;
      return runner().trigger(never ? { ...request, metadata: { ...request.metadata, 'fake.status': 'accepted running' } } : request);
    },
  };
}

const trigger = (step?: StepName): Wish =>
  ({ to: build, command: 'trigger', body: { app: 'shop', source, runner: 'fake', ...(step === 'handle-ephemeral' ? { label: 'try' } : {}) } satisfies JsonObject });

const atStep = (step: StepName): NonNullable<Wish['when']> => (state, ledger) => (step === 'build-artifact'
  ? ledger.site().runner.started.length > 0 && Object.keys(state.children).length > 0
  : ledger.hung.has(step));

const isPaused = (state: ActorState): boolean => (contextOf(state) as unknown as SagaContext).phase === 'paused';

export const stoppedBuilds = stepNames.map((hangs): Scenario => ({
  name: `a build that is stopped at ${hangs} and started again`, definitions: buildsOf({ hangs }), racy: true,
  wishes: [trigger(hangs), { to: build, command: 'stop', when: atStep(hangs) }, { to: build, command: 'start', when: isPaused }],
  ends: { [build]: 'completed' }, stock: [],
}));

export const cancelledBuilds = stepNames.map((hangs): Scenario => ({
  name: `a build that is cancelled at ${hangs}`, definitions: buildsOf({ hangs }), racy: true,
  wishes: [trigger(hangs), { to: build, command: 'cancel', when: atStep(hangs) }], ends: { [build]: 'cancelled' }, stock: [],
}));

export const failedBuilds = stepNames.filter((name) => name !== 'build-artifact' && name !== 'finalize').map((fails): Scenario => ({
  name: `a build that fails at ${fails}`, definitions: buildsOf({ fails }), racy: true,
  wishes: [trigger(fails)], ends: { [build]: 'failed' }, stock: [],
}));

export const completedBuild: Scenario = {
  name: 'a build', definitions: buildsOf({}), racy: true, wishes: [trigger()], ends: { [build]: 'completed' }, stock: [],
};
