import type { HostParts } from '../../../src/runtime/host/context.ts';
import type { Delivery } from '../../../src/runtime/ports/queue.ts';
import type { FakeQueue } from '../../support/fake/queue.ts';
import type { World } from '../../support/world.ts';
import { requireStored } from './guard.ts';
import type { Ledger } from './ledger.ts';
import type { Life } from './life.ts';

/** What a host writes through, each call a point of its life. */
export function partsOf(world: World, ledger: Ledger, life: Life, connection: FakeQueue): Partial<HostParts> & { readonly queue: FakeQueue } {
  const counted = (delivery: Delivery): Delivery => ({ ...delivery, ack: () => life.at(`ack ${delivery.command}`, () => delivery.ack()) });
  const asked = (key: string): undefined => requireStored(world, ledger, key);
  return {
    log: { ...world.log, append: (record, after) => life.at(`append ${record.actor} ${record.seq} ${record.type}`, () => world.log.append(record, after)) },
    board: { ...world.board, put: (entry) => life.at(`board ${entry.actor} ${entry.seq}`, () => world.board.put(entry)) },
    dead: { ...world.dead, put: (letter) => life.at(`dead ${letter.id}`, () => world.dead.put(letter)) },
    signals: {
      status: (actor, body) => world.signals.status(actor, body),
      emit: (actor, event) => life.atOnce(`emit ${actor}`, () => { ledger.noticed.add(`${actor} ${JSON.stringify(event)}`); }),
    },
    queue: {
      ...connection,
      send: (command) => asked(command.id) ?? life.at(`send ${command.to} ${command.command}`, () => connection.send(command)),
      schedule: (command) => asked(command.id) ?? life.at(`schedule ${command.to} ${command.name}`, () => connection.schedule(command)),
      cancelSchedule: (actor, name) => life.at(`unschedule ${actor} ${name}`, () => connection.cancelSchedule(actor, name)),
      consume: (types, onDelivery) => connection.consume(types, (delivery) => onDelivery(counted(delivery))),
      consumeMalformed: (onDelivery) => connection.consumeMalformed((delivery) => onDelivery(counted(delivery))),
    },
  };
}
