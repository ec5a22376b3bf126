import type { Definition } from '../../../src/kernel/definition.ts';
import { buildDefinition } from '../../../src/machines/build/definition.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import { fakeRunner } from '../../support/fake/runner.ts';
import { fakeWorld, type World } from '../../unit/build/support/world.ts';

export const source = '1'.repeat(64);
export const artifact = 'ab'.repeat(32);

/** What builds change, and the service they are built at. It outlives the hosts. */
export interface Yard {
  readonly world: World;
  /** Made when they are first asked for: that takes a while, and many runs have no builds. */
  definitions(): readonly Definition[];
}

export function makeYard(): Yard {
  const world = fakeWorld({ [source]: { Procfile: 'web: ./server\n', Makefile: '', 'millrace.toml': '[addons]\ncache = "kv"\n' } });
  const runner = fakeRunner();
  // The artifact a build asks for is a path; what the service answers is its digest.
  const scripted = { ...runner, trigger: ((request) => runner.trigger({ ...request, metadata: { ...request.metadata, artifact, durationMs: '900' } })) as typeof runner.trigger };
  let made: readonly Definition[] | undefined;
  const make = (): readonly Definition[] => {
    const run = runDefinition({ runners: () => scripted });
    return [run, buildDefinition({ ports: { ...world.ports, runners: ['fake'] }, run })];
  };
  return { world, definitions: () => (made ??= make()) };
}
