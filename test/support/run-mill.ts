import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectNats } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { scriptedBuilds, type ScriptedBuild } from '../../src/adapters/runners/scripted/folder.ts';
import { connect, type Millrace } from '../../src/connect.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import { runView, type RunView } from '../../src/projections/run.ts';
import type { DeadLetter } from '../../src/runtime/ports/dead.ts';
import { readOnlyMachines } from '../../src/read-only-machines.ts';
import { eventually } from './broker.ts';
import { startWorker, type WorkerProcess } from './build/worker.ts';
import { begin, run, type CliResult, type Running } from './cli.ts';
import { startNats } from './nats.ts';

/** Runs for real: a nats-server, a worker process with the scripted runner and two programs as runners, and the command line beside it. */
export interface RunMill {
  readonly folder: string;
  readonly url: string;
  readonly millrace: Millrace;
  /** `millrace <args>`, to its end. */
  cli(...args: string[]): Promise<CliResult>;
  begin(...args: string[]): Promise<Running>;
  /** `millrace run trigger` of a build that does what `script` says. */
  trigger(id: string, script: string, ...more: string[]): Promise<CliResult>;
  beginTrigger(id: string, script: string, ...more: string[]): Promise<Running>;
  /** The same without a process of its own, for what is not about the command line. */
  begun(id: string, script: string, more?: JsonObject): Promise<unknown>;
  known(id: string): Promise<RunView>;
  /** What is known once it has ended. */
  ended(id: string): Promise<RunView>;
  /** The build the backend has of this run; there must never be two. */
  build(id: string): Promise<ScriptedBuild>;
  /** Waits until the backend was asked so often. */
  polled(id: string, times: number): Promise<void>;
  /** A command with nothing but a NATS client. */
  publish(id: string, command: string, body: string): Promise<unknown>;
  deadOf(id: string): Promise<readonly DeadLetter[]>;
  /** SIGKILL to the worker, then another one. */
  replaceWorker(): Promise<void>;
  end(): Promise<void>;
}

const poll = { acceptedMs: 50, runningMs: 50 };
const triggerArgs = (id: string, script: string): string[] =>
  ['run', 'trigger', '--runner', 'scripted', '--id', id, '--head', `script:${script}`, '--poll-accepted', `${poll.acceptedMs}ms`, '--poll-running', `${poll.runningMs}ms`];

/** A program that has one build, which runs for ever and cannot pause. */
const plain = { name: 'plain', command: ['sh', '-c', `read -r asked; case "$asked" in *'"verb":"status"'*) echo '{"status":"running"}';; *) echo '{"id":"p1"}';; esac`] };
/** Another, whose builds say how far they are until there is a file `told`, and then fail. */
const telling = (folder: string) => ({ name: 'telling', command: ['sh', '-c', `read -r asked; case "$asked" in *'"verb":"status"'*) if [ -e ${folder}/told ]; then echo '{"status":"failed"}'; else echo '{"status":"running","progress":{"percent":40,"message":"compiling"}}'; fi;; *) echo '{"id":"p2"}';; esac`] });

export async function openRunMill(): Promise<RunMill> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
  const dataDir = join(folder, 'data');
  const nats = await startNats();
  const nc = await connectNats({ servers: nats.url });
  const millrace = await connect({ servers: nats.url });
  const newWorker = (): Promise<WorkerProcess> => startWorker(nats.url, dataDir, { MILLRACE_SCRIPTED: '1', MILLRACE_EXEC_RUNNERS: JSON.stringify([plain, telling(folder)]) });
  let worker = await newWorker();

  const env = { NATS_URL: nats.url, MILLRACE_DATA: dataDir };
  const builds = async (id: string): Promise<readonly ScriptedBuild[]> => (await scriptedBuilds(join(dataDir, 'scripted'))).filter(({ key }) => key === `run/${id}`);
  async function known(id: string): Promise<RunView> {
    const [, definition] = readOnlyMachines();
    if (definition === undefined) throw new Error('there is no run machine');
    return runView(await millrace.state(definition, `run/${id}`), await millrace.history(`run/${id}`));
  }

  return {
    folder, millrace, known,
    url: nats.url,
    cli: (...args) => run(args, { env }),
    begin: (...args) => begin(args, { env }),
    trigger: (id, script, ...more) => run([...triggerArgs(id, script), ...more], { env }),
    beginTrigger: (id, script, ...more) => begin([...triggerArgs(id, script), ...more], { env }),
    begun: (id, script, more = {}) => millrace.send(`run/${id}`, 'trigger', { runner: 'scripted', head: [{ uri: `script:${script}` }], poll, ...more }),
    async ended(id) {
      await eventually(async () => (await known(id)).ended !== null, 20_000);
      return known(id);
    },
    async build(id) {
      const [found, ...others] = await builds(id);
      if (found === undefined || others.length > 0) throw new Error(`the backend has not one build of ${id}`);
      return found;
    },
    polled: (id, times) => eventually(async () => ((await builds(id))[0]?.state.calls.status ?? 0) >= times, 15_000),
    publish: (id, command, body) => jetstream(nc).publish(`millrace.cmd.run.${id}.${command}`, body),
    deadOf: async (id) => (await millrace.dead.list()).filter(({ subject }) => subject.startsWith(`millrace.cmd.run.${id}.`)),
    async replaceWorker() {
      await worker.kill();
      worker = await newWorker();
    },
    async end() {
      await worker.stop();
      await nc.close();
      await millrace.close();
      await nats.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
