import type { Json } from '../../../src/kernel/json.ts';
import type { ActorName } from '../../../src/kernel/record.ts';

/** One run of an activity's code, as the model world sees it. */
export interface Work {
  /** The machine's name. */
  readonly machine: string;
  readonly actor: ActorName;
  readonly src: string;
  readonly key: string;
  readonly input: Json;
  readonly signal: AbortSignal;
  /** The activity's own code. */
  readonly code: () => Promise<unknown>;
}

/** Through these everything passes that an actor does to the world. One pair for each host. */
export interface Hands {
  work(work: Work): Promise<unknown>;
  /** A custom action. */
  act(action: string, params: unknown): void;
  /** Is this step's effect in the world? */
  has(stepKey: string): boolean;
}

export const noHands: Hands = {
  work: () => Promise.reject(new Error('nothing runs here')),
  act: () => undefined,
  has: () => false,
};
