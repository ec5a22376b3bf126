import { join } from 'node:path';
import { z } from 'zod';
import { buildkiteRunner } from './adapters/runners/buildkite/runner.ts';
import { dockerRunner } from './adapters/runners/docker/runner.ts';
import { execRunner, type ExecRunnerOptions } from './adapters/runners/exec/runner.ts';
import { noopRunner } from './adapters/runners/noop/runner.ts';
import type { JobEnvironment } from './adapters/runners/job-environment.ts';
import { pausableProcess } from './adapters/runners/process/pausable.ts';
import type { ProcessLimits } from './adapters/runners/process/limits.ts';
import { processRunner } from './adapters/runners/process/runner.ts';
import { runnerRegistry, type RunnerRegistry } from './adapters/runners/registry.ts';
import { folderStore } from './adapters/runners/scripted/folder.ts';
import { scriptedRunner } from './adapters/runners/scripted/runner.ts';
import { TerminalError } from './kernel/errors.ts';
import type { ActorName } from './kernel/record.ts';
import type { Blobs } from './machines/build/ports.ts';
import type { BuildOutput } from './runtime/ports/output.ts';

export interface RunnerParts {
  readonly dataDir: string;
  readonly blobs: Blobs;
  readonly output: BuildOutput;
  /** The variables of a run's job. `withProgram`: it runs on this machine, so `millrace` can be on its PATH. Default: none. */
  readonly jobEnvironment?: (run: ActorName, withProgram: boolean) => Promise<Record<string, string>>;
}

/**
 * The runners a worker has: `process` and `noop` always, the others when its environment says so.
 * `MILLRACE_DOCKER=1`: docker. `BUILDKITE_API_TOKEN`, `BUILDKITE_ORGANIZATION`, `BUILDKITE_PIPELINE`, all three:
 * buildkite. `MILLRACE_EXEC_RUNNERS`: a JSON list of `{name, command, env?, cwd?, timeoutMs?, pausable?}`. `MILLRACE_SCRIPTED=1`:
 * scripted, which keeps what it is asked in `<dataDir>/scripted`. `MILLRACE_PROCESS_LIMITS`: the most that a build of
 * `process` may take, as JSON such as `{"memoryBytes":2000000000}`.
 * @throws TerminalError `bad_exec_runners`, `bad_process_limits`.
 */
export function runnersFrom({ dataDir, blobs, output, jobEnvironment = async () => ({}) }: RunnerParts, env: NodeJS.ProcessEnv): RunnerRegistry & { close(): void } {
  const here: JobEnvironment = (run) => jobEnvironment(run, true);
  const local = processRunner({ dataDir, blobs, output, limits: processLimits(env), jobEnvironment: here });
  const docker = env.MILLRACE_DOCKER === '1' ? [dockerRunner({ dataDir, blobs, output, jobEnvironment: (run) => jobEnvironment(run, false) })] : [];
  const scripted = env.MILLRACE_SCRIPTED === '1' ? [scriptedRunner({ store: folderStore(join(dataDir, 'scripted')), output })] : [];
  const registry = runnerRegistry([pausableProcess(local, dataDir), noopRunner({ blobs }), ...docker, ...buildkite(env), ...execRunners(env, { output, jobEnvironment: here }), ...scripted]);
  return {
    ...registry,
    close() {
      local.close();
      for (const runner of docker) runner.close();
    },
  };
}

function buildkite(env: NodeJS.ProcessEnv) {
  const { BUILDKITE_API_TOKEN: token, BUILDKITE_ORGANIZATION: organization, BUILDKITE_PIPELINE: pipeline, BUILDKITE_API_URL: baseUrl } = env;
  if (!token || !organization || !pipeline) return [];
  return [buildkiteRunner({ token, organization, pipeline, ...(baseUrl ? { baseUrl } : {}) })];
}

const execList = z.array(z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]+$/), command: z.array(z.string()).min(1), env: z.array(z.string()).optional(), cwd: z.string().optional(), timeoutMs: z.number().positive().optional(), pausable: z.boolean().optional(),
}));

function execRunners({ MILLRACE_EXEC_RUNNERS: text }: NodeJS.ProcessEnv, given: Pick<ExecRunnerOptions, 'output' | 'jobEnvironment'>) {
  const list = settingIn(text, execList, (cause) => new TerminalError('bad_exec_runners', 'MILLRACE_EXEC_RUNNERS is not a list of runners', {
    cause, hint: 'a JSON list such as [{"name":"mine","command":["python3","backend.py"]}]',
  }));
  return (list ?? []).map((options) => execRunner({ ...options, ...given }));
}

const most = z.int().positive().optional();
const limits = z.strictObject({ timeoutMs: most, cpuSeconds: most, memoryBytes: most, diskBytes: most, pids: most });

function processLimits({ MILLRACE_PROCESS_LIMITS: text }: NodeJS.ProcessEnv): Partial<ProcessLimits> {
  return settingIn(text, limits, (cause) => new TerminalError('bad_process_limits', 'MILLRACE_PROCESS_LIMITS does not say limits', {
    cause, hint: 'a JSON object of whole numbers such as {"timeoutMs":600000,"cpuSeconds":300,"memoryBytes":2000000000,"diskBytes":5000000000,"pids":500}',
  })) ?? {};
}

/** A setting that is JSON; undefined when it is not set. @throws what `problem` makes of anything else. */
function settingIn<T>(text: string | undefined, schema: z.ZodType<T>, problem: (cause: unknown) => TerminalError): T | undefined {
  if (!text) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw problem(cause);
  }
}
