import { fileURLToPath } from 'node:url';
import { buildkiteFrom } from './adapters/declarers/buildkite/from-environment.ts';
import { inTurn } from './adapters/declarers/in-turn.ts';
import { millraceDeclarer } from './adapters/declarers/millrace.ts';
import { answerCallouts } from './adapters/job/callout.ts';
import { promiseDesk } from './adapters/job/desk.ts';
import { jobEnvironment } from './adapters/job/environment.ts';
import { jobKey } from './adapters/job/key.ts';
import { programFolder, socketPath } from './adapters/job/places.ts';
import { answerRequests } from './adapters/job/requests.ts';
import { jobSocket } from './adapters/job/socket.ts';
import { runningServer } from './adapters/nats/server/claim.ts';
import type { Millrace } from './connect.ts';
import type { Definition } from './kernel/definition.ts';
import type { ActorName } from './kernel/record.ts';
import { promiseDefinition } from './machines/promise/machine.ts';
import { promiseActors } from './promise-actors.ts';
import { promiseBook } from './promise-book.ts';
import { systemClock } from './runtime/clock.ts';

/** What a worker does for the jobs it runs, so that they can promise to fail. */
export interface JobServices {
  /** The variables of a run's job; for runners on this machine, where `withProgram`, `millrace` is on its PATH too. */
  readonly environment: (run: ActorName, withProgram: boolean) => Promise<Record<string, string>>;
  /** The promise machine; from then on jobs are answered. */
  serve(run: Definition): Definition;
  close(): void;
}

export interface JobServicesOptions {
  readonly millrace: Millrace;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly warn: (message: string) => void;
}

/** @throws TerminalError `bad_job_key`, `bad_promise_upstream`. */
export function jobServices({ millrace, dataDir, env, warn }: JobServicesOptions): JobServices {
  const { nc, names: { prefix } } = millrace.broker;
  const key = jobKey(dataDir, env);
  const upstreams = buildkiteFrom(env);
  const socket = socketPath(dataDir);
  // Only a server that knows this key asks about jobs: the data folder's own, or one whose operator says so.
  const isDirect = Boolean(env.MILLRACE_JOB_KEY) || runningServer(dataDir)?.url === `nats://${nc.getServer()}`;
  const variables = jobEnvironment({ key, prefix, socket, ...(isDirect ? { url: env.MILLRACE_JOB_NATS_URL || `nats://${nc.getServer()}` } : {}) });
  const closing: (() => void)[] = [];
  return {
    async environment(run, withProgram) {
      const given = await variables(run);
      return withProgram ? { ...given, PATH: `${programFolder(dataDir, programs())}:${env.PATH ?? '/usr/bin:/bin'}` } : given;
    },
    serve(run) {
      const actors = promiseActors(millrace, run);
      const declarer = inTurn(millraceDeclarer(actors), ...upstreams);
      const definition = promiseDefinition({ declarer, isOver: actors.isOver });
      const desk = promiseDesk(promiseBook(millrace, definition), systemClock);
      const local = jobSocket({ path: socket, desk, key, warn });
      closing.push(() => local.close(), answerRequests(nc, prefix, desk), () => desk.close());
      if (isDirect) closing.push(answerCallouts(nc, { key, ...(env.MILLRACE_JOB_ACCOUNT ? { account: env.MILLRACE_JOB_ACCOUNT } : {}) }));
      return definition;
    },
    close() {
      for (const stop of closing.splice(0)) stop();
    },
  };
}

/** The command line beside this file, from the sources or compiled. */
function programs(): { readonly main: string; readonly promise: string } {
  const file = (name: string): string => fileURLToPath(new URL(`./cli/${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));
  return { main: file('main'), promise: file('promise-main') };
}
