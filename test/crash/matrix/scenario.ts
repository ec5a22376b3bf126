import type { Definition } from '../../../src/kernel/definition.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { ActorState } from '../../../src/kernel/state.ts';
import type { Hands } from './hands.ts';
import type { Ledger } from './ledger.ts';

/** A command that somebody sends once its moment has come, as the log and the world show it. */
export interface Wish {
  readonly to: ActorName;
  readonly command: string;
  readonly body?: JsonObject;
  readonly when?: (state: ActorState, ledger: Ledger) => boolean;
}

/** A story that ends by itself: every actor in it ends. The same whenever a host dies in it. */
export interface Scenario {
  readonly name: string;
  readonly definitions: (hands: Hands) => readonly Definition[];
  readonly wishes: readonly Wish[];
  /** How the undisturbed one ends: each actor's status, and what is there then. */
  readonly ends: Readonly<Record<ActorName, string>>;
  readonly stock: readonly string[];
  /** Codes of the dead letters it is meant to leave. */
  readonly letters?: readonly string[];
  /** Things happen side by side, and a crash may change their order: what is compared is where they lead. */
  readonly racy?: true;
}
