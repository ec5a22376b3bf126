import type { ActorFace } from '../protocol.ts';
import { badge, h, moment } from './dom.ts';

const kindOf = { pending: 'waiting', completed: 'completed', failed: 'failed' } as const;

/** What people asked of an actor: who, what, when, why, and what became of it. The newest first. */
export function askedOf(requests: ActorFace['requests']): readonly HTMLElement[] {
  if (requests.length === 0) return [];
  return [h('h2', { id: 'asked' }, 'Requests'), h('ul', { class: 'asked', 'aria-labelledby': 'asked' }, ...requests.toReversed().map(({ command, by, signedBy, reason, at, state, settledAt, detail }) => h('li', {},
    badge(state, kindOf[state]), h('strong', {}, command), h('span', {}, `${by ?? 'somebody'}${signedBy === undefined ? '' : ' (signed)'}`, ', ', moment(at)),
    h('span', {}, reason === undefined ? h('small', {}, 'no reason given') : `“${reason}”`),
    h('span', {}, detail ?? '', settledAt === undefined ? undefined : h('small', {}, ' ', moment(settledAt))))))];
}
