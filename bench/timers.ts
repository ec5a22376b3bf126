import { setup } from 'xstate';
import { z } from 'zod';
import { defineMachine } from '../src/index.ts';
import type { ActorName, LogRecord } from '../src/kernel/record.ts';
import { closedLoop, percentile } from './stats.ts';
import type { BenchWorld } from './world.ts';

export interface TimerFigures {
  readonly timers: number;
  /** Actors created, each with its timer stored, a second. */
  readonly setPerSecond: number;
  /** From the moment it was due to the moment its actor took it. */
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  /** From the moment it was due until its record was on disk. */
  readonly storedP99Ms: number;
}

/** Rings once, so many ms after its creation. */
export const alarm = defineMachine({
  version: '1',
  input: z.object({ ms: z.number() }),
  machine: setup({ delays: { ring: ({ context }) => (context as { ms: number }).ms } }).createMachine({
    id: 'alarm', initial: 'set', context: ({ input }) => ({ ms: (input as { ms: number } | undefined)?.ms ?? 0 }),
    states: { set: { after: { ring: 'rung' } }, rung: { type: 'final' } },
  }),
});

/** Sets `timers` of them, due within five seconds of each other once all are set; their actors stay in memory. */
export async function runTimers(world: BenchWorld, timers: number): Promise<TimerFigures> {
  const created = new Map<ActorName, () => void>();
  const dueAt = new Map<ActorName, number>();
  const late: number[] = [];
  const stored: number[] = [];
  let allRung = (): void => undefined;
  const rung = new Promise<void>((resolve) => { allRung = resolve; });
  const onStored = ({ actor, seq, at }: LogRecord): void => {
    if (seq === 1) {
      dueAt.set(actor, at + delayOf(actor));
      created.get(actor)?.();
      return;
    }
    const due = dueAt.get(actor) ?? at;
    late.push(at - due);
    stored.push(Date.now() - due);
    if (late.length === timers) allRung();
  };
  const start = Date.now();
  const longest = 3 * timers + 5_000;
  const nameOf = (index: number): ActorName => `alarm/a${index}`;
  const delays = new Map<ActorName, number>();
  const delayOf = (actor: ActorName): number => delays.get(actor) ?? 0;
  const host = await world.worker([alarm], onStored);
  const setting = await closedLoop(timers, 256, async (index) => {
    const actor = nameOf(index);
    delays.set(actor, start + longest - Date.now() + Math.round((5_000 * index) / timers));
    const done = new Promise<void>((resolve) => { created.set(actor, resolve); });
    await world.queue.send({ to: actor, command: 'create', body: { ms: delayOf(actor) }, id: actor });
    await done;
  });
  await rung;
  await host.stop();
  return { timers, setPerSecond: setting.perSecond, lateP50Ms: percentile(late, 0.5), lateP99Ms: percentile(late, 0.99), storedP99Ms: percentile(stored, 0.99) };
}
