import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import type { BuildId, BuildRunner, Metadata, RunStatus } from '../../../src/machines/run/runner.ts';

interface FakeBuild {
  readonly metadata: Metadata;
  readonly script: string[];
  status: RunStatus;
  final: boolean;
}

export interface FakeRunner extends BuildRunner {
  /** Builds started, by idempotency key. */
  readonly started: readonly string[];
  /** Cancels that reached the backend. */
  readonly cancels: readonly BuildId[];
  /** The same backend seen by another worker. */
  reconnect(): FakeRunner;
}

/** What the backend holds; it outlives the workers. */
interface Backend {
  readonly builds: Map<BuildId, FakeBuild>;
  readonly started: string[];
  readonly cancels: BuildId[];
  readonly triggers: Map<string, string[]>;
}

/**
 * A backend that does what the request's metadata says, one word a call, the last word for ever:
 * `fake.status` (`accepted running succeeded`), `fake.trigger` and `fake.cancel` (`ok`). A word may be
 * `?code`, a RetryableError, or `!code`, a TerminalError; `lost` starts the build and then loses the answer.
 */
export function fakeRunner(backend: Backend = { builds: new Map(), started: [], cancels: [], triggers: new Map() }): FakeRunner {
  const { builds, started, cancels, triggers } = backend;
  const find = (id: BuildId): FakeBuild => {
    const build = builds.get(id);
    if (build === undefined) throw new TerminalError('unknown_build', `the fake runner has no build "${id}"`);
    return build;
  };
  return {
    name: 'fake', started, cancels,
    reconnect: () => fakeRunner(backend),
    async trigger({ idempotencyKey, metadata }) {
      await Promise.resolve();
      const script = triggers.get(idempotencyKey) ?? words(metadata['fake.trigger'] ?? 'ok');
      triggers.set(idempotencyKey, script);
      const word = next(script);
      if (word !== 'lost') say(word);
      const id = `fake-${Buffer.from(idempotencyKey).toString('hex')}` as BuildId;
      if (!builds.has(id)) {
        started.push(idempotencyKey);
        builds.set(id, { metadata, script: words(metadata['fake.status'] ?? 'accepted running succeeded'), status: 'accepted', final: false });
      }
      if (word === 'lost') throw new RetryableError('lost', 'the answer was lost on the way');
      return id;
    },
    async status(id) {
      await Promise.resolve();
      const build = find(id);
      if (!build.final) {
        build.status = say(next(build.script)) as RunStatus;
        build.final = ['succeeded', 'failed', 'cancelled'].includes(build.status);
      }
      return { status: build.status, metadata: build.metadata };
    },
    async cancel(id) {
      await Promise.resolve();
      const build = find(id);
      say(build.metadata['fake.cancel'] ?? 'ok');
      cancels.push(id);
      if (!build.final) build.script.splice(0, Infinity, 'cancelled');
    },
  };
}

const words = (text: string): string[] => text.split(' ');

const next = (script: string[]): string => (script.length > 1 ? (script.shift() ?? '') : (script[0] ?? ''));

function say(word: string): string {
  if (word.startsWith('?')) throw new RetryableError(word.slice(1), `the service said ${word.slice(1)}`);
  if (word.startsWith('!')) throw new TerminalError(word.slice(1), `the service said ${word.slice(1)}`);
  return word;
}
