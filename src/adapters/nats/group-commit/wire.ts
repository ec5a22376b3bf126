import { errors, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { JetStreamApiError, type ApiError } from '@nats-io/jetstream';
import type { Position } from '../../../runtime/ports/log.ts';
import { quickRequest } from '../quick-request.ts';
import type { ActorName } from '../../../kernel/record.ts';

/** A message on its way into a stream. What one actor's are, leave in the order they came. */
export interface Outgoing {
  readonly actor: ActorName;
  readonly subject: string;
  /** Names and values of one line each. */
  readonly headers: ReadonlyArray<readonly [string, string]>;
  readonly body: Uint8Array;
  /** Where its subject must end for it to be stored. Absent: wherever it ends. */
  readonly after?: Position;
}

/** Where they go: one stream, over one connection. */
export interface Target {
  readonly nc: NatsConnection;
  readonly stream: string;
  /** Milliseconds a publish may take. */
  readonly timeoutMs: number;
}

/** What the server answers to a publish or to the last message of a batch. */
interface Answer {
  readonly stream?: string;
  readonly seq?: number;
  readonly count?: number;
  readonly error?: ApiError;
}

/** The server's `max_payload`, as it was last heard of: a connection has no info while it is down. */
export function payloadLimit(nc: NatsConnection): () => number {
  let limit = 1024 * 1024;
  const now = (): number => (limit = nc.info?.max_payload ?? limit);
  now();
  return now;
}

const firstLine = 'NATS/1.0\r\n';
const lastLine = '\r\n';
const line = ([name, value]: readonly [string, string]): string => `${name}: ${value}\r\n`;

/** Bytes of the message by itself, headers and all: what the server's `max_payload` counts. */
export const sizeOf = ({ headers, after, body }: Outgoing): number =>
  headers.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value) + 4, 12 + body.length) + (after === undefined ? 0 : 39 + String(after).length);

/**
 * The headers of one attempt, as the one thing that the client asks of headers when it publishes: their
 * bytes. Its own headers object costs more than the rest of a publish.
 */
export function headersOf(message: Outgoing, more: ReadonlyArray<readonly [string, string]> = []): MsgHdrs {
  const encode = (): Uint8Array => Buffer.from(headersText(message, more));
  return { encode } as unknown as MsgHdrs;
}

function headersText(message: Outgoing, more: ReadonlyArray<readonly [string, string]>): string {
  let text = firstLine;
  for (const header of message.headers) text += line(header);
  if (message.after !== undefined) text += line(['Nats-Expected-Last-Subject-Sequence', String(message.after)]);
  for (const header of more) text += line(header);
  return text + lastLine;
}

/** Publish one message and wait until it is stored. @throws whatever the client raises, and JetStreamApiError. */
export async function publishOne(target: Target, message: Outgoing): Promise<Position> {
  return (await ask(target, message, headersOf(message))).seq;
}

/** Send a message whose answer is an acknowledgement by the stream. */
export async function ask(target: Target, message: Outgoing, hdrs: MsgHdrs): Promise<{ seq: number; count: number | undefined }> {
  const reply = await quickRequest(target.nc, message.subject, message.body, { headers: hdrs, timeoutMs: target.timeoutMs });
  const answer = reply.json<Answer>();
  if (answer.error !== undefined) throw new JetStreamApiError(answer.error);
  if (answer.stream !== target.stream || typeof answer.seq !== 'number') {
    throw new errors.ProtocolError(`${message.subject} is answered by ${answer.stream ?? 'somebody else'}, not by the stream ${target.stream}`);
  }
  return { seq: answer.seq, count: answer.count };
}
