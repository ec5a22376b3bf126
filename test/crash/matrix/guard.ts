import type { ActorName } from '../../../src/kernel/record.ts';
import { hasEnded } from '../../../src/kernel/status.ts';
import type { World } from '../../support/world.ts';
import type { Ledger } from './ledger.ts';

/** @throws when an actor has work in flight, and no message in the queue would bring it back. */
export function requireMessages(world: World, actors: readonly ActorName[]): void {
  for (const actor of actors) {
    if (world.records(actor).length === 0) continue;
    const state = world.state(actor);
    const open = [...Object.keys(state.activities), ...Object.keys(state.timers)];
    if (open.length === 0 || hasEnded(state)) continue;
    const its = `.cmd.${actor.replace('/', '.')}.`;
    const isIts = (subject: string): boolean => subject.includes(its);
    if (world.queue.stored().some(({ subject }) => isIts(subject)) || world.queue.schedules().some(({ target }) => isIts(target))) continue;
    throw new Error(`${actor} has work in flight (${open.join(', ')}), and no message that brings it back`);
  }
}

/** Notes an effect that begins before the record that asks for it is stored. `key`: `<actor>#<seq>:<index>`. */
export function requireStored(world: World, ledger: Ledger, key: string): undefined {
  const [actor = '', effect = ''] = key.split('#');
  if (world.records(actor as ActorName).length < Number.parseInt(effect, 10)) ledger.tooEarly.push(key);
}
