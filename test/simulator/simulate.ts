import { statusOf, hasEnded } from '../../src/kernel/status.ts';
import type { ActorName } from '../../src/kernel/record.ts';
import { makeYard, type Yard } from './cast/builds.ts';
import { mixedCast, type Cast } from './cast/pool.ts';
import { strike } from './blows.ts';
import { makeBroker, type Broker } from './broker.ts';
import { chronicleOf, type Chronicle } from './chronicle.ts';
import { diceOf } from './dice.ts';
import { makeFaults } from './faults.ts';
import { makeFleet, type Sabotage } from './fleet.ts';
import { makeLedger, type Ledger } from './ledger.ts';
import type { Blow, Plan, Wish } from './plan.ts';
import { makeWitness, type Violation } from './witness.ts';

/** What is left when all is quiet. */
export interface Run {
  readonly plan: Plan;
  readonly broker: Broker;
  readonly chronicle: Chronicle;
  readonly ledger: Ledger;
  readonly yard: Yard;
  /** What was seen on the way. */
  readonly seen: readonly Violation[];
  /** Why it did not come to rest. */
  readonly restless: string | undefined;
  /** What was asked of actors that had come to rest, and how many records each had then. */
  readonly nudges: readonly Nudge[];
  readonly faults: readonly string[];
  readonly blows: readonly Blow[];
  readonly hosts: number;
}

export interface Nudge {
  readonly actor: ActorName;
  readonly id: string;
  readonly records: number;
  readonly had: 'ended' | 'stopped';
}

export interface SimulateOptions {
  readonly cast?: Cast;
  readonly sabotage?: Sabotage;
  /** How long, once all is calm, it may take to come to rest. */
  readonly patienceMs?: number;
}

/** An hour's deadline of a run may have to pass. */
const defaultPatienceMs = 3 * 3_600_000;

/** Plays the plan, lets everything come to rest, and pokes at what rests. The same plan gives the same run. */
export async function simulate(plan: Plan, { cast = mixedCast, sabotage = {}, patienceMs = defaultPatienceMs }: SimulateOptions = {}): Promise<Run> {
  const dice = diceOf(plan.seed);
  const broker = makeBroker(plan.settings, dice);
  const { clock, queue } = broker;
  const ledger = makeLedger();
  const yard = makeYard();
  const chronicle = chronicleOf(broker, cast(0).definitions);
  const witness = makeWitness(broker, chronicle, ledger);
  const faults = makeFaults(dice, plan.settings.rates, plan.spared);
  const fleet = makeFleet({ broker, cast, dice, faults, ledger, settings: plan.settings, sabotage, witness, yard });
  const struck: Blow[] = [];
  let waiting = plan.wishes.length;

  const publish = (wish: Wish): void => {
    const { to, command, body, id, unheard, when } = wish;
    const state = chronicle.of(to)?.state;
    if (when !== undefined && (state === undefined || !when(state))) return void clock.after(100, () => publish(wish));
    queue.send({ to, command, body, id, ...(unheard ? {} : { reply: `reply.${id}` }), by: 'tester' })
      .then(() => { waiting--; }, () => { clock.after(500, () => publish(wish)); });
  };
  const isQuiet = (): boolean => waiting === 0 && queue.stored().length === 0 && queue.schedules().length === 0 && !fleet.isChanging();
  const rest = async (): Promise<string | undefined> => {
    try {
      await clock.runUntil(isQuiet, patienceMs);
      // What is at rest writes its line on the board within a second.
      await clock.advance(5_000);
      if (!isQuiet()) await clock.runUntil(isQuiet, patienceMs);
      return undefined;
    } catch (error) {
      const left = [...queue.stored().map(({ subject, deliveries }) => `${subject} (delivered ${deliveries} times)`), ...queue.schedules().map(({ subject }) => subject)];
      return `${error instanceof Error ? error.message : String(error)}; left: ${left.join(', ')}`;
    }
  };

  for (let n = 0; n < plan.settings.hosts; n++) void fleet.begin();
  for (const wish of plan.wishes) clock.after(wish.at, () => publish(wish));
  for (const blow of plan.blows) clock.after(blow.at, () => { if (strike(blow, broker, fleet, dice)) struck.push(blow); });
  await clock.advance(plan.windowMs);
  faults.calm();
  let restless = await rest();
  const nudges: Nudge[] = restless === undefined ? nudgesOf(chronicle) : [];
  for (const { actor, id, had } of nudges) {
    waiting++;
    publish({ at: 0, to: actor, command: had === 'ended' ? 'cancel' : 'start', body: {}, id });
  }
  if (nudges.length > 0) restless = await rest();
  fleet.end();
  return { plan, broker, chronicle, ledger, yard, seen: witness.violations, restless, nudges, faults: faults.injected, blows: struck, hosts: fleet.count() };
}

const isStopped = (chronicle: Chronicle, actor: ActorName): boolean => {
  const story = chronicle.of(actor);
  return story?.state !== undefined && statusOf(story.definition, story.state) === 'stopped';
};

function nudgesOf(chronicle: Chronicle): Nudge[] {
  return chronicle.all().flatMap(({ actor, definition, records, state }): Nudge[] => {
    if (state === undefined) return [];
    const had = hasEnded(state) ? 'ended' : statusOf(definition, state) === 'stopped' ? 'stopped' : undefined;
    // Its parent starts it.
    if (had === 'stopped' && state.parent !== undefined && isStopped(chronicle, state.parent.actor)) return [];
    return had === undefined ? [] : [{ actor, id: `nudge-${actor}`, records: records.length, had }];
  });
}
