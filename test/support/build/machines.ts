import { natsAddons } from '../../../src/adapters/addons/nats/addons.ts';
import { releaseFolder } from '../../../src/adapters/deployers/release-folder/deployer.ts';
import { natsBlobs } from '../../../src/adapters/nats/blobs.ts';
import { natsEntities } from '../../../src/adapters/nats/entities.ts';
import { noopRunner } from '../../../src/adapters/runners/noop/runner.ts';
import { processRunner } from '../../../src/adapters/runners/process/runner.ts';
import { runnerRegistry } from '../../../src/adapters/runners/registry.ts';
import { sourceTree } from '../../../src/adapters/sources/tree.ts';
import { workspaces } from '../../../src/adapters/sources/workspaces.ts';
import type { Millrace } from '../../../src/connect.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { buildDefinition } from '../../../src/machines/build/definition.ts';
import type { BuildPorts } from '../../../src/machines/build/ports.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import { fuseActivities, fusePorts, fuseRunner, type Changes } from './fused.ts';
import type { Fuse } from './fuse.ts';

interface Wanted {
  readonly millrace: Millrace;
  readonly dataDir: string;
  readonly fuse: Fuse;
  readonly changes: Changes;
}

/** What `standardMachines` makes, every change it makes to the world passing through the fuse. The clock stands still, so that worlds can be compared. */
export function realMachines({ millrace: { broker, output }, dataDir, fuse, changes }: Wanted): { machines: readonly Definition[]; close: () => void } {
  const blobs = natsBlobs(broker);
  const local = processRunner({ dataDir, blobs, output, graceMs: 500 });
  const runners = runnerRegistry([fuseRunner(fuse, local), fuseRunner(fuse, noopRunner({ blobs }))]);
  const run = runDefinition({ runners: (name) => runners.get(name) });
  const ports: BuildPorts = fusePorts(fuse, {
    blobs,
    workspaces: workspaces(dataDir, blobs),
    entities: natsEntities(broker),
    deployer: releaseFolder(dataDir, blobs),
    addons: natsAddons(broker),
    tree: sourceTree,
    say: (build, source, text, id) => output.write(build, { at: Date.now(), source, text }, id),
    runners: runners.names,
    now: () => 1_800_000_000_000,
  });
  const machines = [buildDefinition({ ports, run }), run].map((definition) => fuseActivities(fuse, definition, changes));
  return { machines, close: () => local.close() };
}
