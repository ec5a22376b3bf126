import { TerminalError } from '../../../src/kernel/errors.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { HostParts } from '../../../src/runtime/host/context.ts';
import type { Position } from '../../../src/runtime/ports/log.ts';
import type { CommandQueue, Delivery } from '../../../src/runtime/ports/queue.ts';
import type { Sabotage } from '../fleet.ts';
import type { InvariantId } from '../witness.ts';

/** A defect that is put into a host from outside, and the invariant that must show it. */
export interface Mutation {
  readonly breaks: InvariantId;
  readonly what: string;
  readonly sabotage: Sabotage;
}

const queued = (change: (parts: HostParts) => Partial<CommandQueue>): Sabotage => ({ parts: (parts) => ({ ...parts, queue: { ...parts.queue, ...change(parts) } }) });
const delivered = (change: (delivery: Delivery) => Delivery): Sabotage =>
  queued(({ queue }) => ({ consume: (types, onDelivery) => queue.consume(types, (delivery) => onDelivery(change(delivery))) }));

const pause = ({ clock }: HostParts, ms: number): Promise<void> => new Promise((resolve) => { clock.after(ms, resolve); });

/** Every append is answered at once, and stored half a second later. */
function answersEarly(parts: HostParts): HostParts {
  const writing = new Map<ActorName, Promise<Position>>();
  return {
    ...parts,
    log: {
      ...parts.log,
      async append(record, after) {
        const before = writing.get(record.actor) ?? Promise.resolve(after);
        const write = before.then(async (position) => {
          await pause(parts, 500);
          return await parts.log.append(record, position);
        });
        write.catch(() => undefined);
        writing.set(record.actor, write);
        return await Promise.resolve(after);
      },
    },
  };
}

export const wrapped: readonly Mutation[] = [
  { breaks: 'L1', what: 'an append is answered before it is stored, and the effects begin', sabotage: { parts: answersEarly } },
  {
    breaks: 'L2', what: 'an append goes behind whatever is there',
    sabotage: { parts: (parts) => ({ ...parts, log: { ...parts.log, append: async (record) => parts.log.append(record, (await parts.log.read(record.actor)).position) } }) },
  },
  {
    breaks: 'L3', what: 'a chart does not say the same on every host',
    sabotage: { parts: (parts) => ({ ...parts, definitions: parts.definitions.map((definition) => (definition.stamp.name === 'order' ? { ...definition, machine: definition.machine.provide({ guards: { mayRemind: () => false } }) } : definition)) }) },
  },
  { breaks: 'L4', what: 'a command is acknowledged when it comes', sabotage: delivered((delivery) => { void delivery.ack().catch(() => undefined); return { ...delivery, ack: () => Promise.resolve() }; }) },
  { breaks: 'L4', what: 'a timer is never scheduled', sabotage: queued(() => ({ schedule: () => Promise.resolve() })) },
  { breaks: 'S1', what: 'nobody tells a parent that its child has ended', sabotage: queued(({ queue }) => ({ send: (command) => (command.command === '_child' ? Promise.resolve() : queue.send(command)) })) },
  { breaks: 'S1', what: 'nobody tells a parent that its child is blocked', sabotage: queued(({ queue }) => ({ send: (command) => (command.command === '_child_blocked' ? Promise.resolve() : queue.send(command)) })) },
  { breaks: 'S1', what: 'what an actor emits is lost', sabotage: { parts: (parts) => ({ ...parts, signals: { ...parts.signals, emit: () => undefined } }) } },
  { breaks: 'S2', what: 'an undo is skipped', sabotage: { hands: (hands) => ({ ...hands, work: (work) => (work.src.startsWith('undo-') ? Promise.resolve(null) : hands.work(work)) }) } },
  {
    breaks: 'Q1', what: 'a message is gone before its dead letter is stored',
    sabotage: { parts: (parts) => ({ ...parts, dead: { ...parts.dead, put: async (letter) => { void pause(parts, 1_000).then(() => parts.dead.put(letter)).catch(() => undefined); } } }) },
  },
  {
    breaks: 'Q1', what: 'a log that is away is taken for a wish that cannot be fulfilled',
    sabotage: { parts: (parts) => ({ ...parts, log: { ...parts.log, append: (record, after) => parts.log.append(record, after).catch((error: unknown) => {
      throw (error as { code?: string }).code === 'broker_gone' ? new TerminalError('log_unavailable', 'the log is away') : error;
    }) } }) },
  },
];
