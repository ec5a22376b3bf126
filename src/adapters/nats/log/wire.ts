import { errors, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { JetStreamApiError, type ApiError } from '@nats-io/jetstream';
import type { Position } from '../../../runtime/ports/log.ts';
import type { EncodedRecord } from './codec.ts';

/** An append on its way: the record, and where its actor's log must end for it to be stored. */
export interface Append extends EncodedRecord {
  readonly after: Position;
}

/** Where the appends go: one stream, over one connection. */
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

const firstLine = 'NATS/1.0\r\n';
const lastLine = '\r\n';
const line = ([name, value]: readonly [string, string]): string => `${name}: ${value}\r\n`;

/** Bytes of the message as a single append, headers and all: what the server's `max_payload` counts. */
export const sizeOf = (append: Append): number => headersText(append, []).length + append.body.length;

/**
 * The headers of one attempt, as the one thing that the client asks of headers when it publishes: their
 * bytes. The values are visible ASCII, see `toHeader`. Its own headers object costs more than the rest of a publish.
 */
export function headersOf(append: Append, more: ReadonlyArray<readonly [string, string]> = []): MsgHdrs {
  const encode = (): Uint8Array => Buffer.from(headersText(append, more), 'latin1');
  return { encode } as unknown as MsgHdrs;
}

function headersText(append: Append, more: ReadonlyArray<readonly [string, string]>): string {
  let text = firstLine;
  for (const header of append.headers) text += line(header);
  text += line(['Nats-Expected-Last-Subject-Sequence', String(append.after)]);
  for (const header of more) text += line(header);
  return text + lastLine;
}

/** Publish one message and wait until it is stored. @throws whatever the client raises, and JetStreamApiError. */
export async function publishOne(target: Target, append: Append): Promise<Position> {
  return (await ask(target, append, headersOf(append))).seq;
}

/** Send a message whose answer is an acknowledgement by the stream. */
export async function ask(target: Target, append: Append, hdrs: MsgHdrs): Promise<{ seq: number; count: number | undefined }> {
  const reply = await target.nc.request(append.subject, append.body, { headers: hdrs, timeout: target.timeoutMs });
  const answer = reply.json<Answer>();
  if (answer.error !== undefined) throw new JetStreamApiError(answer.error);
  if (answer.stream !== target.stream || typeof answer.seq !== 'number') {
    throw new errors.ProtocolError(`${append.subject} is answered by ${answer.stream ?? 'somebody else'}, not by the stream ${target.stream}`);
  }
  return { seq: answer.seq, count: answer.count };
}
