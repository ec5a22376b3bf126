import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { RetryableError } from '../../../kernel/errors.ts';
import { parseActor } from '../../../kernel/names.ts';
import type { PausableRunner } from '../../../machines/run/pausable.ts';
import type { BuildId, Metadata, RunSample, RunStatus } from '../../../machines/run/runner.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import { failureOf, unknownBuild } from './failures.ts';
import { scriptOf, type Step } from './script.ts';
import { isOver, progressOf, type Verb } from './state.ts';
import type { Counted, ScriptedStore } from './store.ts';

export interface ScriptedParts {
  readonly store: ScriptedStore;
  /** Where the messages of a script's steps go. */
  readonly output?: BuildOutput;
}

/** A backend that does what its input says and nothing else: for tests of everything around a build. */
export function scriptedRunner({ store, output }: ScriptedParts): PausableRunner {
  /** Count the call; then wait, and fail, as the script says. */
  async function call(id: BuildId, verb: Verb): Promise<Counted> {
    const counted = isBuildId(id) ? await store.call(id, verb) : undefined;
    if (counted === undefined || !counted.state.created) {
      throw (verb === 'trigger' && counted !== undefined ? failureOf(counted.step) : undefined) ?? unknownBuild(id);
    }
    if (counted.step.afterMs > 0) await pause(counted.step.afterMs);
    const failure = failureOf(counted.step);
    if (failure !== undefined) throw failure;
    return counted;
  }

  return {
    name: 'scripted',
    async trigger(request) {
      scriptOf(request);
      const id = buildIdOf(request.idempotencyKey);
      await store.remember(id, request);
      await call(id, 'trigger');
      return id;
    },
    async status(id) {
      const { request, step, state, isFirst } = await call(id, 'status');
      const message = messageIn(step);
      if (isFirst && message !== undefined && output !== undefined) await print(output, request.metadata, message, `${id}:${state.at}`);
      return sampleOf(step, request.metadata);
    },
    async cancel(id) {
      await call(id, 'cancel');
    },
    async stop(id) {
      const { before } = await call(id, 'stop');
      if (before.status !== 'running' && !isOver(before.status)) throw new RetryableError('not_running', 'the build has not begun', { hint: 'stop it once it runs' });
    },
    start: async (id) => (await call(id, 'start')).state.generation,
    progress: async (id) => progressOf((await call(id, 'progress')).before),
  };
}

/** The same key, the same build. */
const buildIdOf = (key: string): BuildId => createHash('sha256').update(key).digest('hex').slice(0, 32) as BuildId;
const isBuildId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

/** `running(40 compiling)`: percent and message, each of which may be left out. */
function progressIn({ about }: Step): { percent?: number; message?: string } {
  const [, percent, message = ''] = /^(?:(\d+)%?)?\s*(.*)$/s.exec(about) ?? [];
  return { ...(percent === undefined ? {} : { percent: Number(percent) }), ...(message === '' ? {} : { message }) };
}

const messageIn = (step: Step): string | undefined => (isOver(step.word as RunStatus) ? undefined : progressIn(step).message);

async function print(output: BuildOutput, { outputActor }: Metadata, text: string, id: string): Promise<void> {
  if (outputActor !== undefined) await output.write(parseActor(outputActor).actor, { at: Date.now(), source: 'scripted', text }, id);
}

function sampleOf(step: Step, given: Metadata): RunSample {
  const status = step.word as RunStatus;
  if (!isOver(status)) return { status, metadata: given, ...(step.about === '' ? {} : { progress: progressIn(step) }) };
  return { status, metadata: { ...given, ...verdictOf(status, step.about) } };
}

/** `failed(base)`, `failed(infrastructure)`, `failed(7)`: which side, whose fault, which exit code. */
function verdictOf(status: RunStatus, about: string): Metadata {
  if (status === 'succeeded') return { exitCode: '0' };
  if (status === 'cancelled') return {};
  if (about === 'infrastructure') return { infrastructure: 'true', reason: 'lost', detail: 'the scripted backend lost the build' };
  const failedSide = about === 'base' ? 'base' : 'head';
  return { failedSide, reason: 'exit_code', detail: `the script says that the ${failedSide} fails`, exitCode: /^\d+$/.test(about) ? about : '1' };
}
