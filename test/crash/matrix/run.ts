import type { ActorName } from '../../../src/kernel/record.ts';
import { makeWorld, type World } from '../../support/world.ts';
import { definitionsFor } from './definitions.ts';
import { handsOf } from './hands.ts';
import { requireMessages } from './guard.ts';
import { makeLedger, type Ledger } from './ledger.ts';
import { makeLife, type Hit, type Life } from './life.ts';
import { partsOf } from './parts.ts';
import type { Scenario } from './scenario.ts';

export interface Run {
  readonly world: World;
  readonly ledger: Ledger;
  /** One for each host there was. */
  readonly lives: readonly Life[];
}

/** A run's deadline that was not taken back in time comes after an hour, and finds nothing to do. */
const patienceMs = 90 * 60_000;
/** How long a call to the broker takes: time for other things to happen meanwhile. */
const latencyMs = 5;

/** Plays the scenario to its end. `hits[n]` strikes the n-th host; the next one starts in the same moment. */
export async function play(scenario: Scenario, hits: readonly Hit[] = []): Promise<Run> {
  const world = makeWorld(definitionsFor(scenario, 0).definitions, { ackWaitMs: 6_000, lateMs: 100 });
  const ledger = makeLedger();
  const lives: Life[] = [];
  const leftover: (() => void)[] = [];
  const starts: Promise<void>[] = [];

  const begin = async (): Promise<void> => {
    let strike = (_hit: Hit): void => {};
    const life = makeLife(hits[lives.length], (hit) => {
      strike(hit);
      starts.push(begin());
    }, () => new Promise((resolve) => { world.clock.after(latencyMs, resolve); }));
    lives.push(life);
    const connection = world.queue.connect();
    const { definitions, lend } = definitionsFor(scenario, lives.length);
    lend(handsOf(ledger, life, world));
    const { host } = await world.host({ definitions, ...partsOf(world, ledger, life, connection) });
    strike = ({ how }) => {
      if (how === 'is stopped') starts.push(host.stop().then(() => { connection.crash(); }));
      else connection.crash();
      if (how === 'dies') host.abandon();
    };
    leftover.push(() => { host.abandon(); });
  };

  await begin();
  const wishes = [...scenario.wishes];
  const sendDue = (): void => {
    const [wish] = wishes;
    if (wish === undefined) return;
    const { to, command, body, when } = wish;
    if (when !== undefined && (world.records(to).length === 0 || !when(world.state(to), ledger))) return;
    wishes.shift();
    void world.send(to, command, body, `wish-${scenario.wishes.length - wishes.length}`);
  };
  const actors = Object.keys(scenario.ends) as ActorName[];
  const isOver = (): boolean => {
    sendDue();
    requireMessages(world, actors);
    return wishes.length === 0 && world.queue.stored().length === 0 && world.queue.schedules().length === 0 && actors.every((actor) => world.ended(actor));
  };
  try {
    await world.clock.runUntil(isOver, patienceMs);
    await Promise.all(starts);
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.startsWith('runUntil')) throw cause;
    throw new Error(`it never ends: ${JSON.stringify({ types: actors.map((actor) => world.types(actor)), stored: world.queue.stored().map(({ subject }) => subject) })}`, { cause });
  } finally {
    for (const abandon of leftover) abandon();
  }
  return { world, ledger, lives };
}
