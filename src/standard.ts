import { natsAddons } from './adapters/addons/nats/addons.ts';
import { releaseFolder } from './adapters/deployers/release-folder/deployer.ts';
import { natsBlobs } from './adapters/nats/blobs.ts';
import { natsEntities } from './adapters/nats/entities.ts';
import { givenUpLetters } from './adapters/nats/given-up.ts';
import { sourceTree } from './adapters/sources/tree.ts';
import { workspaces } from './adapters/sources/workspaces.ts';
import type { Millrace } from './connect.ts';
import type { Definition } from './kernel/definition.ts';
import { buildDefinition } from './machines/build/definition.ts';
import type { BuildPorts } from './machines/build/ports.ts';
import { runDefinition } from './machines/run/machine.ts';
import { jobServices } from './promises.ts';
import { runnersFrom } from './runners.ts';
import { silentLogger, type Logger } from './runtime/logger.ts';

export interface Standard {
  readonly machines: readonly Definition[];
  /** No longer carry builds' output to the broker, nor answer their jobs. The builds themselves go on. */
  close(): void;
}

export interface StandardOptions {
  readonly millrace: Millrace;
  readonly dataDir: string;
  readonly logger?: Logger;
}

/** The machines Millrace brings along, `build`, `run` and `promise`, with real parts: builds happen below `dataDir`. */
export function standardMachines({ millrace, dataDir, logger = silentLogger }: StandardOptions): Standard {
  const { broker, dead, output } = millrace;
  const blobs = natsBlobs(broker);
  const jobs = jobServices({ millrace, dataDir, env: process.env, warn: (message) => logger.warn({}, message) });
  const runners = runnersFrom({ dataDir, blobs, output, jobEnvironment: jobs.environment }, process.env);
  const run = runDefinition({ runners: (name) => runners.get(name), giveUp: givenUpLetters(dead, broker.names) });
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
  const close = (): void => {
    jobs.close();
    runners.close();
  };
  return { machines: [buildDefinition({ ports, run }), run, jobs.serve(run)], close };
}
