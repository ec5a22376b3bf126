import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { begin, run, type CliResult, type Running } from './cli.ts';
import { writeProject, type ProjectOptions } from './build/source.ts';

/** A folder, a `millrace dev` on it, and the command line beside it. */
export interface Rig {
  readonly folder: string;
  readonly dataDir: string;
  readonly url: string;
  readonly dev: Running;
  run(...args: string[]): Promise<CliResult>;
  begin(...args: string[]): Promise<Running>;
  /** A project in a folder of its own. */
  project(name: string, how?: Omit<ProjectOptions, 'ran'>): Promise<string>;
  end(): Promise<void>;
}

export async function rig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
  const dataDir = join(folder, 'data');
  const env = { MILLRACE_DATA: dataDir };
  const dev = await begin(['dev'], { env });
  await dev.sees('running until interrupted');
  return {
    folder, dataDir, dev,
    url: /nats:\/\/\S+?(?=,)/.exec(dev.stdout())?.[0] ?? '',
    run: (...args) => run(args, { env }),
    begin: (...args) => begin(args, { env }),
    project: (name, how = {}) => writeProject(join(folder, name), { ran: join(folder, `${name}.ran`), seconds: 0, ...how }),
    async end() {
      await dev.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
