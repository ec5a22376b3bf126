import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError, type ApiError } from '@nats-io/jetstream';
import { errors, headers as newHeaders, type NatsConnection } from '@nats-io/transport-node';
import { TerminalError, type MillraceError } from '../../kernel/errors.ts';
import type { Broker } from './broker.ts';
import { toMillraceError } from './errors.ts';
import { quickRequest } from './quick-request.ts';

export interface StoreOptions {
  /** How long the server may take to answer one attempt. Default 1,000. */
  readonly attemptMs?: number | undefined;
  /** How long to go on trying while the broker is away. Default 10,000. */
  readonly patienceMs?: number | undefined;
}

/**
 * Publish into a stream; stored when it resolves. While the broker is away it is tried again with the
 * same headers, so whatever must not be stored twice has a `Nats-Msg-Id` or replaces itself.
 * @throws TerminalError `payload_too_large`, and what {@link toMillraceError} says of the rest.
 */
export function store(broker: Broker, subject: string, body: string | Uint8Array, headers: Readonly<Record<string, string>>, options: StoreOptions = {}): Promise<number> {
  const { attemptMs = 1_000, patienceMs = 10_000 } = options;
  return persistently(broker.nc, patienceMs, async () => {
    // The client changes the headers it is given: fresh ones each time.
    const made = newHeaders();
    for (const [name, value] of Object.entries(headers)) made.set(name, value);
    const { seq, error } = (await quickRequest(broker.nc, subject, body, { headers: made, timeoutMs: attemptMs })).json<{ seq?: number; error?: ApiError }>();
    if (error !== undefined) throw new JetStreamApiError(error);
    if (seq === undefined) throw new errors.ProtocolError(`what answers on ${subject} is no stream`);
    return seq;
  }, (cause) => storeError(broker, subject, body, cause));
}

/** Try until it works, it fails for another reason than `broker_gone`, or patience ends. */
export async function persistently<T>(nc: NatsConnection, patienceMs: number, attempt: () => Promise<T>, explain: (cause: unknown) => MillraceError): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      const error = explain(cause);
      if (error.code !== 'broker_gone' || nc.isClosed() || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}

function storeError(broker: Broker, subject: string, body: string | Uint8Array, cause: unknown): MillraceError {
  if (!(cause instanceof errors.InvalidArgumentError) || !cause.message.includes('max_payload')) return toMillraceError(cause, `store a message on ${subject}`);
  const limit = broker.nc.info?.max_payload;
  return new TerminalError('payload_too_large', `The body for ${subject} is ${Buffer.byteLength(body)} bytes; the broker takes ${limit ?? 'fewer'}, headers included.`, {
    hint: 'Put big things in the object store and send their digest, or raise max_payload on the server.', cause,
  });
}
