import { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import type { BuildId, BuildRunner, RunStatus } from '../../../machines/run/runner.ts';
import { answerOf } from './answer.ts';
import { call } from './call.ts';

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
}

const statuses: readonly RunStatus[] = ['unknown', 'accepted', 'running', 'succeeded', 'failed', 'cancelled'];
const idPattern = /^[\w-]{1,200}$/;
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const triggered = z.object({ id: z.string().regex(idPattern, 'an id is 1 to 200 letters, digits, _ and -') });
const sampled = z.object({
  // A word of a later version is none to fail on: the poll goes on.
  status: z.string().transform((word) => statuses.find((known) => known === word) ?? 'unknown'),
  metadata: z.record(z.string(), text).default({}),
  progress: z.object({ percent: z.number().optional(), message: z.string().optional() }).optional(),
});

/**
 * Hands the three verbs to a program of your own: one process a call, the question as JSON on stdin,
 * the answer as JSON on stdout. See docs/runners.md for the protocol and examples/runners for programs.
 */
export function execRunner({ name, command, timeoutMs = 60_000, env = [], cwd, maxOutputBytes = 1024 * 1024 }: ExecRunnerOptions): BuildRunner {
  const [program] = command;
  if (program === undefined || program === '') throw new TerminalError('bad_runner', `The runner "${name}" has no command.`, { hint: 'Give the program and its arguments.' });

  const ask = async <T>(verb: string, question: object, answer: z.ZodType<T>): Promise<T> => {
    const called = await call({ command, cwd, env: environment(env), timeoutMs, maxOutputBytes }, `${JSON.stringify({ verb, ...question })}\n`);
    return answerOf(answer, called, { name, verb, program, timeoutMs, maxOutputBytes });
  };
  const known = (id: BuildId): { id: BuildId } => {
    if (idPattern.test(id)) return { id };
    throw new TerminalError('unknown_build', `The "${name}" backend has no build "${id}".`, { hint: 'Use an id that its trigger returned.' });
  };

  return {
    name,
    trigger: async ({ base, head, metadata, idempotencyKey }) => (await ask('trigger', { base, head, metadata, idempotencyKey }, triggered)).id as BuildId,
    status: async (id) => {
      const { status, metadata, progress } = await ask('status', known(id), sampled);
      return { status, metadata, ...(progress === undefined ? {} : { progress: shown(progress) }) };
    },
    cancel: async (id) => void (await ask('cancel', known(id), z.looseObject({}))),
  };
}

const shown = ({ percent, message }: { percent?: number | undefined; message?: string | undefined }): { percent?: number; message?: string } =>
  ({ ...(percent === undefined ? {} : { percent }), ...(message === undefined ? {} : { message }) });

function environment(names: readonly string[]): Record<string, string> {
  const given = { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: process.env.LANG ?? 'C.UTF-8' };
  const passed = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...given, ...(Object.fromEntries(passed) as Record<string, string>) };
}
