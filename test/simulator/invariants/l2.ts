import { verify } from '../../../src/kernel/chain.ts';
import type { Check } from './invariant.ts';

/** One actor's log has one order; a stale writer's append stores nothing. */
export const l2: Check = ({ chronicle }) => chronicle.all().flatMap(({ actor, records }) => {
  const verdict = verify(records);
  return verdict.ok ? [] : [`the log of ${actor} forks at ${verdict.seq}: ${verdict.reason}; it reads ${records.map(({ seq, type }) => `${seq} ${type}`).join(', ')}`];
});
