import type { Definition } from '../../../kernel/definition.ts';
import { evolve } from '../../../kernel/evolve.ts';
import type { LogRecord } from '../../../kernel/record.ts';
import type { ActorState } from '../../../kernel/state.ts';

/** States kept on the way through a log: any other one is a short fold away. */
export interface Checkpoints {
  /** The state after the newest record of the log. */
  keep(state: ActorState): void;
  /** The state after so many records; undefined after none. */
  after(count: number): ActorState | undefined;
}

/** Records between two states that are kept for good: what a jump to any moment folds at most. */
export const every = 100;

/** `log` grows with what is kept. The states around the moment that was asked for last stay too: who walks through time does not fold again. */
export function checkpoints(definition: Definition, log: readonly LogRecord[]): Checkpoints {
  /** `kept[i]` is the state after `i * every` records. */
  const kept: (ActorState | undefined)[] = [undefined];
  let newest: ActorState | undefined;
  let near: { readonly stretch: number; readonly states: (ActorState | undefined)[] } = { stretch: 0, states: [undefined] };
  return {
    keep(state) {
      newest = state;
      if (log.length % every === 0) kept.push(state);
    },
    after(count) {
      if (count === log.length) return newest;
      const stretch = Math.floor(count / every);
      if (near.stretch !== stretch) near = { stretch, states: [kept[stretch]] };
      const { states } = near;
      while (states.length <= count - stretch * every) states.push(evolve(definition, states.at(-1), log[stretch * every + states.length - 1] as LogRecord).state);
      return states[count - stretch * every];
    },
  };
}
