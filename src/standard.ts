import { natsAddons } from './adapters/addons/nats/addons.ts';
import { releaseFolder } from './adapters/deployers/release-folder/deployer.ts';
import { natsBlobs } from './adapters/nats/blobs.ts';
import { natsEntities } from './adapters/nats/entities.ts';
import { sourceTree } from './adapters/sources/tree.ts';
import { workspaces } from './adapters/sources/workspaces.ts';
import type { Millrace } from './connect.ts';
import type { Definition } from './kernel/definition.ts';
import { TerminalError } from './kernel/errors.ts';
import { buildDefinition } from './machines/build/definition.ts';
import type { BuildPorts } from './machines/build/ports.ts';
import { runDefinition } from './machines/run/machine.ts';
import { runnersFrom } from './runners.ts';

export interface Standard {
  readonly machines: readonly Definition[];
  /** No longer carry builds' output to the broker. The builds themselves go on. */
  close(): void;
}

/** The machines Millrace brings along, `build` and `run`, with real parts: builds happen below `dataDir`. */
export function standardMachines({ millrace: { broker, output }, dataDir }: { readonly millrace: Millrace; readonly dataDir: string }): Standard {
  const blobs = natsBlobs(broker);
  const runners = runnersFrom({ dataDir, blobs, output }, process.env);
  const run = runDefinition({ runners: (name) => runners.get(name) });
  const ports: BuildPorts = {
    blobs,
    workspaces: workspaces(dataDir, blobs),
    entities: natsEntities(broker),
    deployer: releaseFolder(dataDir, blobs),
    addons: natsAddons(broker),
    tree: sourceTree,
    say: (build, source, text, id) => output.write(build, { at: Date.now(), source, text }, id),
    runners: runners.names,
    now: Date.now,
  };
  return { machines: [buildDefinition({ ports, run }), run], close: () => runners.close() };
}

/** The same charts, for a process that only looks: their activities are never called. */
export function readOnlyMachines(): readonly Definition[] {
  const run = runDefinition({ runners: onlyLooking });
  return [buildDefinition({ ports: onlyLooking, run }), run];
}

const onlyLooking: never = new Proxy({}, {
  get: () => { throw new TerminalError('only_looking', 'this process looks at actors and does not run them'); },
}) as never;
