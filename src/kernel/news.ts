import { blockageOf } from './blockage.ts';
import type { Definition } from './definition.ts';
import type { ActorState, News } from './state.ts';
import { hasEnded, statusOf } from './status.ts';

/** What a parent is to be told after this record: nothing, or how its child is now. */
export function newsOf(definition: Definition, before: ActorState | undefined, after: ActorState): News | undefined {
  if (hasEnded(after)) return undefined;
  const [was, is] = [before === undefined ? on : conditionOf(definition, before), conditionOf(definition, after)];
  return was.is === is.is && was.blocked?.actor === is.blocked?.actor && was.blocked?.reason === is.blocked?.reason ? undefined : is;
}

const on: News = { is: 'on' };

function conditionOf(definition: Definition, state: ActorState): News {
  const blocked = blockageOf(state);
  if (blocked !== undefined) return { is: 'blocked', blocked };
  return statusOf(definition, state) === 'stopped' ? { is: 'stopped' } : on;
}
