import type { ActorFace } from '../protocol.ts';
import { badge, h, time } from './dom.ts';

const kindOf = { pending: 'waiting', completed: 'completed', failed: 'failed' } as const;

/** What people asked of an actor: who, what, when, and what became of it. */
export function askedOf(requests: ActorFace['requests']): readonly HTMLElement[] {
  if (requests.length === 0) return [];
  return [h('h2', {}, 'Asked'), h('ul', { class: 'asked' }, ...requests.map(({ command, by, signedBy, reason, at, state, settledAt, detail }) => h('li', {},
    badge(state, kindOf[state]), ' ', h('strong', {}, command), by === undefined ? '' : ` by ${by}`, signedBy === undefined ? '' : ' (signed)', `, ${time(at)}`, reason === undefined ? '' : `: ${reason}`,
    h('small', {}, `${settledAt === undefined ? '' : ` settled ${time(settledAt)}`}${detail === undefined ? '' : `, ${detail}`}`))))];
}
