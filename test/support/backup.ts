import { createInbox, headers as emptyHeaders, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import { ensureStreams } from '../../src/adapters/nats/setup.ts';
import { readStored } from '../../src/adapters/nats/pages.ts';

/** A message of the events stream as any NATS tool sees it. */
export interface Raw {
  readonly subject: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export async function rawMessages(broker: Broker): Promise<Raw[]> {
  const found: Raw[] = [];
  for await (const { subject, header, data } of readStored(broker, broker.names.streams.events, `${broker.names.prefix}.evt.>`)) {
    found.push({ subject, headers: pairs(header), body: new TextDecoder().decode(data) });
  }
  return found;
}

const pairs = (header: MsgHdrs | undefined): [string, string][] =>
  (header?.keys() ?? []).filter((key) => !/^Nats-/i.test(key)).map((key) => [key, header?.get(key) ?? '']);

export async function publishRaw({ js }: Broker, messages: readonly Raw[]): Promise<void> {
  for (const { subject, headers, body } of messages) {
    const header = emptyHeaders();
    for (const [key, value] of headers) header.set(key, value);
    await js.publish(subject, body, { headers: header });
  }
}

/** What an administrator can do: take the stream away and make it again, from something else. */
export async function recreate(broker: Broker, messages: readonly Raw[]): Promise<void> {
  await broker.jsm.streams.delete(broker.names.streams.events);
  await ensureStreams(broker);
  await publishRaw(broker, messages);
}

export interface Backup {
  readonly config: object;
  readonly state: object;
  readonly chunks: readonly Uint8Array[];
}

/** The server's own snapshot of a stream: `nats stream backup`. */
export async function backup(nc: NatsConnection, stream: string): Promise<Backup> {
  const deliver = createInbox();
  const chunks: Uint8Array[] = [];
  const whole = new Promise<void>((resolve, reject) => {
    const subscription = nc.subscribe(deliver, { callback: (error, message) => {
      if (error !== null) return reject(error);
      if (message.data.length === 0) {
        subscription.unsubscribe();
        return resolve();
      }
      chunks.push(message.data);
      message.respond();
    } });
  });
  const { config, state, error } = (await nc.request(`$JS.API.STREAM.SNAPSHOT.${stream}`, JSON.stringify({ deliver_subject: deliver, no_consumers: true, chunk_size: 65_536 }), { timeout: 5000 }))
    .json<{ config: object; state: object; error?: { description: string } }>();
  if (error !== undefined) throw new Error(error.description);
  await whole;
  return { config, state, chunks };
}

/** `nats stream restore`, over a stream that is deleted first. */
export async function restore(nc: NatsConnection, stream: string, { config, state, chunks }: Backup): Promise<void> {
  await nc.request(`$JS.API.STREAM.DELETE.${stream}`, '', { timeout: 5000 });
  const begun = (await nc.request(`$JS.API.STREAM.RESTORE.${stream}`, JSON.stringify({ config, state }), { timeout: 5000 })).json<{ deliver_subject: string; error?: { description: string } }>();
  if (begun.error !== undefined) throw new Error(begun.error.description);
  for (const chunk of chunks) await nc.request(begun.deliver_subject, chunk, { timeout: 5000 });
  const ended = (await nc.request(begun.deliver_subject, '', { timeout: 10_000 })).json<{ error?: { description: string } }>();
  if (ended.error !== undefined) throw new Error(ended.error.description);
}
