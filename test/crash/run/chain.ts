import { outputOf } from '../../../src/kernel/status.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import type { RunOutput } from '../../../src/machines/run/output.ts';
import type { BuildRunner } from '../../../src/machines/run/runner.ts';
import { makeWorld } from '../../support/world.ts';
import { makeBackend, type Backend } from '../../unit/run/support/backend.ts';
import { requireMessages } from '../matrix/guard.ts';
import { makeLedger } from '../matrix/ledger.ts';
import { makeLife, type Hit, type Life } from '../matrix/life.ts';
import { partsOf } from '../matrix/parts.ts';

/** What became of one poll chain whose workers were killed. */
export interface Chain {
  readonly backend: Backend;
  readonly output: RunOutput;
  readonly letters: number;
  /** Messages that are left once it has ended. */
  readonly left: number;
  /** When a worker was killed, and what it was doing. */
  readonly kills: readonly { readonly at: number; readonly what: string }[];
  /** Everything the first worker did, in order. */
  readonly points: readonly string[];
}

const actor = 'run/r1';
/** Status calls an undisturbed build needs. */
export const calls = 60;
const latencyMs = 5;

interface Lent {
  readonly definition: Definition;
  runner: BuildRunner | undefined;
}

const pool: Lent[] = [];

/** Making a definition takes longer than playing it: the n-th worker of every chain has the same one. */
function lent(nth: number): Lent {
  const known = pool[nth];
  if (known !== undefined) return known;
  const made: Lent = {
    runner: undefined,
    definition: runDefinition({ runners: () => {
      if (made.runner === undefined) throw new Error('no runner');
      return made.runner;
    } }),
  };
  return (pool[nth] = made);
}

/** Each call to the backend is a point at which its worker may die, as each call to the broker is. */
const through = (runner: BuildRunner, life: Life): BuildRunner => ({
  name: runner.name,
  trigger: (request) => life.at('trigger', () => runner.trigger(request)),
  status: (id) => life.at('status', () => runner.status(id)),
  cancel: (id) => life.at('cancel', () => runner.cancel(id)),
});

/** Poll a build to its end; `hits[n]` kills the n-th worker, and the next one starts in the same moment. */
export async function pollChain(everyMs: number, hits: readonly Hit[] = []): Promise<Chain> {
  const world = makeWorld([lent(0).definition], { ackWaitMs: 6_000, lateMs: 100 });
  const backend = makeBackend(world.clock, { status: ({ call }) => (call >= calls ? 'succeeded' : call > 5 ? 'running' : 'accepted') });
  const ledger = makeLedger();
  const lives: Life[] = [];
  const kills: { at: number; what: string }[] = [];
  const leftover: (() => void)[] = [];

  const begin = async (): Promise<void> => {
    const own = lent(lives.length);
    const connection = world.queue.connect();
    let strike = (): void => {};
    const life = makeLife(hits[lives.length], () => {
      kills.push({ at: world.clock.now(), what: life.points.at(-1) ?? '' });
      strike();
      void begin();
    }, () => new Promise((resolve) => { world.clock.after(latencyMs, resolve); }));
    lives.push(life);
    own.runner = through(backend.runner, life);
    const { host } = await world.host({ definitions: [own.definition], ...partsOf(world, ledger, life, connection) });
    strike = () => {
      connection.crash();
      host.abandon();
    };
    leftover.push(() => { host.abandon(); });
  };

  await begin();
  await world.send(actor, 'trigger', { runner: 'fake', head: [], poll: { acceptedMs: everyMs, runningMs: everyMs } });
  const left = (): number => world.queue.stored().length + world.queue.schedules().length;
  await world.clock.runUntil(() => {
    requireMessages(world, [actor]);
    return world.ended(actor);
  }, 20 * 60_000);
  // A schedule that a dead worker could not take back, such as the deadline's, comes when it is due, and is refused.
  await world.clock.runUntil(() => left() === 0, 2 * 3_600_000);
  for (const abandon of leftover) abandon();
  if (ledger.tooEarly.length > 0) throw new Error(`before their records were stored: ${ledger.tooEarly.join(', ')}`);
  return {
    backend, kills, points: lives[0]?.points ?? [],
    output: outputOf(world.state(actor)) as unknown as RunOutput,
    letters: (await world.dead.list()).length, left: left(),
  };
}
