import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import type { ActorName } from '../../../kernel/record.ts';
import type { PausableRunner } from '../../../machines/run/pausable.ts';
import type { BuildId, BuildRunner } from '../../../machines/run/runner.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import { hiding, jobEnvironmentOf, type JobEnvironment } from '../job-environment.ts';
import { answerOf } from './answer.ts';
import { call } from './call.ts';
import { done, idPattern, present, progressed, sampled, started, triggered } from './shapes.ts';

export interface ExecRunnerOptions {
  /** The runner's name. */
  readonly name: string;
  /** Program and arguments; no shell is involved. */
  readonly command: readonly string[];
  /** The longest one call may take, ms; then it is killed with its process group. Default 60,000. */
  readonly timeoutMs?: number;
  /** Names of the worker's variables the program gets, besides PATH and LANG. */
  readonly env?: readonly string[];
  /** The folder it runs in. Default: the worker's. */
  readonly cwd?: string;
  /** The largest answer, bytes. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** The program also knows the verbs `stop`, `start` and `progress`. Default false. */
  readonly pausable?: boolean;
  /** Gets the last words on stderr of every `trigger` and `status` that is answered, as lines of the build's `outputActor`. */
  readonly output?: BuildOutput;
  /** What `trigger` gets in its environment besides, by the run's actor, to hand on to the build. */
  readonly jobEnvironment?: JobEnvironment;
}

/**
 * Hands the verbs to a program of your own: one process a call, the question as JSON on stdin, the answer
 * as JSON on stdout. See docs/runners.md for the protocol and examples/runners for programs.
 */
export function execRunner(options: ExecRunnerOptions & { readonly pausable: true }): PausableRunner;
export function execRunner(options: ExecRunnerOptions): BuildRunner;
export function execRunner({ name, command, timeoutMs = 60_000, env = [], cwd, maxOutputBytes = 1024 * 1024, pausable = false, output, jobEnvironment }: ExecRunnerOptions): BuildRunner | PausableRunner {
  const [program] = command;
  if (program === undefined || program === '') throw new TerminalError('bad_runner', `The runner "${name}" has no command.`, { hint: 'Give the program and its arguments.' });

  const ask = async <T>(verb: string, question: object, schema: z.ZodType<T>, jobVariables: Readonly<Record<string, string>> = {}): Promise<{ answer: T; stderr: string }> => {
    const input = `${JSON.stringify({ verb, ...question })}\n`;
    const called = await call({ command, cwd, env: { ...environment(env), ...jobVariables }, timeoutMs, maxOutputBytes }, input);
    // A program may repeat what it was given in confidence.
    const hide = hiding(jobVariables);
    const safe = { ...called, stdout: hide(called.stdout), stderr: hide(called.stderr) };
    return { answer: answerOf(schema, safe, { name, verb, program, timeoutMs, maxOutputBytes }), stderr: safe.stderr };
  };
  const known = (id: BuildId): { id: BuildId } => {
    if (idPattern.test(id)) return { id };
    throw new TerminalError('unknown_build', `The "${name}" backend has no build "${id}".`, { hint: 'Use an id that its trigger returned.' });
  };
  /** What it said is commentary: a call is worth no less without it. */
  const carry = async (actor: string | undefined, stderr: string): Promise<void> => {
    if (output === undefined || actor === undefined || stderr === '') return;
    const said = randomUUID();
    for (const [index, text] of stderr.split(/\r?\n/).entries()) {
      await output.write(actor as ActorName, { at: Date.now(), source: 'stderr', text }, `${name}:${said}/${index}`).catch(() => undefined);
    }
  };

  const runner: BuildRunner = {
    name,
    async trigger({ base, head, metadata, idempotencyKey }) {
      const jobVariables = await jobEnvironmentOf(idempotencyKey, jobEnvironment);
      const { answer, stderr } = await ask('trigger', { base, head, metadata, idempotencyKey }, triggered, jobVariables);
      await carry(metadata.outputActor, stderr);
      return answer.id as BuildId;
    },
    async status(id) {
      const { answer: { status, metadata, progress }, stderr } = await ask('status', known(id), sampled);
      await carry(metadata.outputActor, stderr);
      return { status, metadata, ...(progress === undefined ? {} : { progress: present(progress) }) };
    },
    cancel: async (id) => void (await ask('cancel', known(id), done)),
  };
  if (!pausable) return runner;
  return {
    ...runner,
    stop: async (id) => void (await ask('stop', known(id), done)),
    start: async (id) => (await ask('start', known(id), started)).answer.generation,
    progress: async (id) => present((await ask('progress', known(id), progressed)).answer),
  };
}

function environment(names: readonly string[]): Record<string, string> {
  const given = { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: process.env.LANG ?? 'C.UTF-8' };
  const passed = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...given, ...(Object.fromEntries(passed) as Record<string, string>) };
}
