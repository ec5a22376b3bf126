import { fakeRunner, type FakeRunner } from '../../support/fake/runner.ts';
import { fakeWorld, type World } from '../../unit/build/support/world.ts';

export const source = '1'.repeat(64);
const artifact = 'ab'.repeat(32);

/** What the builds of one run change, and the service that builds. It outlives the hosts. */
export interface Site {
  readonly world: World;
  readonly runner: FakeRunner;
}

export function makeSite(): Site {
  const world = fakeWorld({ [source]: { Procfile: 'web: ./server\n', Makefile: '', 'millrace.toml': '[addons]\ncache = "kv"\n' } });
  const runner = fakeRunner();
  return {
    world,
    runner: { ...runner, trigger: (request) => runner.trigger({ ...request, metadata: { ...request.metadata, artifact, durationMs: '900' } }) },
  };
}
