import type { JsonObject } from '../../src/kernel/json.ts';
import type { ActorName } from '../../src/kernel/record.ts';
import type { ActorState } from '../../src/kernel/state.ts';
import type { FaultRates } from './faults.ts';

/** A command that somebody publishes. `at`: ms after the start. */
export interface Wish {
  readonly at: number;
  readonly to: ActorName;
  readonly command: string;
  readonly body: JsonObject;
  readonly id: string;
  /** Nobody waits for the verdict: a refusal becomes a dead letter. */
  readonly unheard?: true;
  /** Not before the actor is so. */
  readonly when?: (state: ActorState) => boolean;
}

/**
 * What happens to hosts and broker. `who` chooses among those there are. `ms`: until the next one takes its place,
 * or until it is over.
 * - `dies`, `is stopped`: and `ms` later another one starts. `joins`: one more.
 * - `is cut`: nothing gets through for `ms`. `is deaf`: the queue does not, the log does.
 * - `moves`: a partition passes on, while its host goes on. `repeats`: what is in hand comes again, after up to `ms`.
 * - `resets`: the consumers are made anew. `restarts`: the broker is away for `ms`.
 */
export interface Blow {
  readonly at: number;
  readonly what: 'dies' | 'is stopped' | 'joins' | 'is cut' | 'is deaf' | 'moves' | 'repeats' | 'resets' | 'restarts';
  readonly who: number;
  readonly ms: number;
}

/** Times in ms. */
export interface Settings {
  readonly hosts: number;
  readonly ackWaitMs: number;
  /** How long the broker remembers message ids. */
  readonly dedupeMs: number;
  /** How late a schedule fires at most. */
  readonly lateMs: number;
  /** How far a host's clock is off at most, either way. */
  readonly skewMs: number;
  readonly cacheSize: number;
  readonly idleMs: number;
  readonly snapshotEvery: number;
  /** How long activities take at most. */
  readonly workMs: number;
  /** How often an activity goes wrong by itself. */
  readonly troubled: number;
  readonly rates: FaultRates;
}

/** All that is to happen in one run; the rest is up to the seed's dice. */
export interface Plan {
  readonly seed: number;
  readonly settings: Settings;
  readonly wishes: readonly Wish[];
  readonly blows: readonly Blow[];
  /** How long there are wishes, blows and faults; then all is calm, and the actors come to rest. */
  readonly windowMs: number;
  /** Faults that are left out, to find out which ones matter. */
  readonly spared: ReadonlySet<string>;
}
