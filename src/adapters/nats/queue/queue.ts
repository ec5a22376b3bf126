import { TerminalError } from '../../../kernel/errors.ts';
import type { CommandQueue, ScheduledCommand } from '../../../runtime/ports/queue.ts';
import type { Broker } from '../broker.ts';
import { toMillraceError } from '../errors.ts';
import type { StoreOptions } from '../publish.ts';
import { consumeCarried } from './carried.ts';
import { consumeAll, together } from './consume.ts';
import { workConsumer, type ConsumerTimes } from './consumer.ts';
import { putter } from './put.ts';
import { commandHeaders, header, requireAddress } from './wire.ts';

export interface QueueOptions extends StoreOptions {
  /** After this long without a sign of life a delivery comes back. Default 5,000. */
  readonly ackWaitMs?: number | undefined;
  /** After this long without a pull another client gets the partition. Default 2,000. */
  readonly priorityTimeoutMs?: number | undefined;
}

export const consumerTimes = ({ ackWaitMs = 5_000, priorityTimeoutMs = 2_000 }: QueueOptions): ConsumerTimes => ({ ackWaitMs, priorityTimeoutMs });

/** Commands and timers on the work queue stream. Server 2.14 or newer. Consumes every partition of its types: `workerQueue` shares them. */
export function natsQueue(broker: Broker, options: QueueOptions = {}): CommandQueue {
  const put = putter(broker, options);
  const times = consumerTimes(options);
  const { nc, names } = broker;
  const stream = names.streams.commands;

  return {
    extendEveryMs: Math.floor(times.ackWaitMs / 3),

    async send(command) {
      requireAddress(command.to, command);
      const headers = { ...commandHeaders(command), [header.messageId]: command.id };
      await put(command.to, names.command(command.to, command.command), command.body, headers);
    },

    /** The server fires an overdue schedule, and one that is due in less, within about 250 ms. */
    async schedule(command) {
      requireAddress(command.to, { ...command, timer: command.name });
      await put(command.to, names.timer(command.to, command.name), command.body, scheduleHeaders(broker, command));
    },

    async cancelSchedule(actor, name) {
      requireAddress(actor, { timer: name });
      const filter = names.timer(actor, name);
      await broker.jsm.streams.purge(stream, { filter }).catch((cause: unknown) => { throw toMillraceError(cause, `cancel the schedule ${filter}`); });
    },

    async consume(types, onDelivery, hasRoom, carried = []) {
      const specs = types.flatMap((type) => Array.from({ length: broker.partitions }, (_, partition) => workConsumer(broker, times, type, partition)));
      return together(await Promise.all([consumeAll(broker, specs, onDelivery, { hasRoom }), consumeCarried(broker, times, carried, onDelivery, { hasRoom })]));
    },

    consumeMalformed: (onDelivery) => consumeAll(broker, [{ stream, name: '_malformed', filter: `${names.prefix}.cmd.>`, ...times }], onDelivery),

    reply(subject, body) {
      // Nobody listening is normal, and so is a subject that cannot be one.
      if (!nc.isClosed() && isSubject(subject)) nc.publish(subject, JSON.stringify(body));
    },
  };
}

/**
 * No `Nats-Msg-Id`: the server strips it when it fires the message, and would take setting the same
 * timer again for a duplicate and drop it. Setting it again replaces it, so nothing is stored twice.
 */
function scheduleHeaders(broker: Broker, command: ScheduledCommand): Record<string, string> {
  if (!Number.isFinite(command.due)) {
    throw new TerminalError('bad_due', `the timer ${command.name} of ${command.to} is due at ${command.due}`, { hint: 'give milliseconds since the epoch' });
  }
  return {
    ...commandHeaders(command),
    [header.commandId]: command.id,
    'Nats-Schedule': `@at ${new Date(Math.min(command.due, latest)).toISOString()}`,
    'Nats-Schedule-Target': broker.names.command(command.to, command.command),
  };
}

/** The server counts nanoseconds in 64 bits, until 2262: what is due later comes in 2200, too early, and is given back until it is due. */
const latest = Date.UTC(2200, 0, 1);

const isSubject = (subject: string): boolean => /^[^\s.*>]+(\.[^\s.*>]+)*$/.test(subject);
