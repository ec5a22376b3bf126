import type { Definition } from '../../src/kernel/definition.ts';
import type { HostParts } from '../../src/runtime/host/context.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { AppendConflict } from '../../src/runtime/ports/conflict.ts';
import type { Delivery } from '../../src/runtime/ports/queue.ts';
import type { FakeQueue } from '../support/fake/queue.ts';
import type { Broker } from './broker.ts';
import type { Link } from './link.ts';
import type { Settings } from './plan.ts';
import type { Witness } from './witness.ts';

interface Given {
  readonly broker: Broker;
  readonly link: Link;
  readonly connection: FakeQueue;
  readonly witness: Witness;
  readonly settings: Settings;
  readonly definitions: readonly Definition[];
  /** How far this host's clock is off, ms. */
  readonly skewMs: number;
}

/** Everything a host touches, every call of it through its link, and seen by the witness when it takes effect. */
export function portsOf({ broker, link, connection, witness, settings, definitions, skewMs }: Given): HostParts {
  const { clock, log, dead, board, signals, snapshots } = broker;
  const { call, tell } = link;
  const { cacheSize, idleMs, snapshotEvery } = settings;
  const delivered = (delivery: Delivery): Delivery => ({
    ...delivery,
    ack: () => call('ack', `ack ${delivery.type}/${delivery.actorId} ${delivery.command}`, async () => {
      await delivery.ack();
      await witness.acknowledged(delivery);
      witness.changed(`${delivery.type}/${delivery.actorId}`);
    }),
    extend: () => tell('extend', `extend ${delivery.type}/${delivery.actorId}`, () => delivery.extend()),
    retry: (delayMs) => tell('retry', `retry ${delivery.type}/${delivery.actorId}`, () => delivery.retry(delayMs)),
  });
  return {
    definitions, cacheSize, idleMs, snapshotEvery, logger: silentLogger,
    clock: { now: () => clock.now() + skewMs, after: (ms, fire) => clock.after(ms, () => { if (!link.isDead()) fire(); }) },
    log: {
      ...log,
      append: (record, after) => call('append', `append ${record.actor} ${record.type}`, async () => {
        const position = await log.append(record, after);
        witness.changed(record.actor);
        return position;
      }, () => new AppendConflict(record.actor, after)),
      read: (actor, fromSeq, near) => call('read', `read ${actor}`, () => log.read(actor, fromSeq, near)),
    },
    dead: { ...dead, put: (letter) => call('dead', `dead ${letter.id}`, () => dead.put(letter)) },
    board: { ...board, put: (entry) => call('board', `board ${entry.actor}`, () => board.put(entry)) },
    snapshots: {
      get: (actor) => call('snapshot', `snapshot of ${actor}`, () => snapshots.get(actor)).catch(() => undefined),
      put: (actor, snapshot) => call('snapshot', `keep ${actor}`, () => snapshots.put(actor, snapshot)),
      drop: (actor) => call('snapshot', `drop ${actor}`, () => snapshots.drop(actor)),
    },
    signals: {
      status: (actor, body) => { if (!link.isDead()) signals.status(actor, body); },
      emit: (actor, event) => { if (!link.isDead()) witness.emits(actor, event); },
    },
    queue: {
      ...connection,
      async send(command) {
        witness.sends(command.id);
        await call('send', `send ${command.to} ${command.command}`, () => connection.send(command));
      },
      async schedule(command) {
        witness.sends(command.id);
        await call('schedule', `schedule ${command.to}`, () => connection.schedule(command));
      },
      cancelSchedule: (actor, name) => call('unschedule', `unschedule ${actor}`, async () => {
        await connection.cancelSchedule(actor, name);
        witness.changed(actor);
      }),
      consume: (types, onDelivery) => connection.consume(types, (delivery) => { if (!link.isDead()) onDelivery(delivered(delivery)); }),
      consumeMalformed: (onDelivery) => connection.consumeMalformed((delivery) => { if (!link.isDead()) onDelivery(delivered(delivery)); }),
      reply(subject, body) {
        if (link.isDead() || link.isCut()) return;
        witness.answers(subject.slice('reply.'.length), body);
        connection.reply(subject, body);
      },
    },
  };
}
