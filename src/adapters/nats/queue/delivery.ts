import type { Msg, NatsConnection } from '@nats-io/transport-node';
import type { Delivery } from '../../../runtime/ports/queue.ts';
import { toMillraceError } from '../errors.ts';
import { persistently, store } from '../publish.ts';
import type { Broker } from '../broker.ts';
import { patiently } from '../patiently.ts';
import { quickRequest } from '../quick-request.ts';
import { addressOf, commandId, headersToHandOver } from './wire.ts';

const ackAttemptMs = 500;
const ackPatienceMs = 5_000;

/** A message of the command stream as the host gets it. `onSettled` is called once it is acknowledged or given back, `onStays` when it was to be handed over to where it is. */
export function deliveryOf(broker: Broker, message: Msg, onSettled: () => void, onStays = (): void => {}): Omit<Delivery, 'isPassedOn'> {
  const { nc, jsm, names } = broker;
  const headers = plainHeaders(message);
  const { deliveries, sequence } = placeOf(message);
  const address = addressOf(names.prefix, message.subject);
  const id = commandId(headers, sequence);
  return {
    ...address,
    id, body: message.data, headers, deliveries,
    async handOver(definition) {
      const target = names.held(definition, address.actorId, address.command);
      if (target === message.subject) {
        onStays();
        return false;
      }
      await store(broker, target, message.data, headersToHandOver(headers, id, `held-${sequence}-${definition.hash}`));
      return true;
    },
    async ack() {
      await acknowledge(nc, message);
      onSettled();
    },
    isGone: () => patiently(nc, `look for ${message.subject}`, () => jsm.streams.getMessage(names.streams.commands, { seq: sequence })).then((found) => found === null),
    extend() { say(nc, message, '+WPI'); },
    retry(delayMs) {
      void giveBack(nc, message, delayMs).then(onSettled);
    },
  };
}

/**
 * Let the server deliver it again after `delayMs`. Resolves when the server has it: only then may the pin be let
 * go of, or what was stored later would overtake it. Unheard, it comes back after the acknowledgement wait.
 */
export async function giveBack(nc: NatsConnection, message: Msg, delayMs = 0): Promise<void> {
  if (nc.isClosed()) return;
  const what = delayMs > 0 ? `-NAK ${JSON.stringify({ delay: Math.round(delayMs * 1e6) })}` : '-NAK';
  await quickRequest(nc, message.reply ?? '', what, { timeoutMs: ackAttemptMs }).catch(() => undefined);
}

/** The server answers an acknowledgement that asks for it; saying it again is harmless. */
async function acknowledge(nc: NatsConnection, message: Msg): Promise<void> {
  await persistently(nc, ackPatienceMs, () => quickRequest(nc, message.reply ?? '', '+ACK', { timeoutMs: ackAttemptMs }),
    (cause) => toMillraceError(cause, `acknowledge ${message.subject}`));
}

/** Fire and forget: over a closed connection the message comes back by itself. */
function say(nc: NatsConnection, message: Msg, what: string): void {
  if (!nc.isClosed()) nc.publish(message.reply ?? '', what);
}

/** `$JS.ACK[.<domain>.<account>].<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>[.<random>]` */
export function placeOf(message: Msg): { deliveries: number; sequence: number } {
  const tokens = (message.reply ?? '').split('.');
  const at = tokens.length === 9 ? 4 : 6;
  return { deliveries: Number(tokens[at]), sequence: Number(tokens[at + 1]) };
}

function plainHeaders({ headers }: Msg): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, [value = '']] of headers ?? []) if (name !== 'Nats-Pin-Id') plain[name] = value;
  return plain;
}
