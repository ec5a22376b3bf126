import { errors, headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
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

const lineEnds = 4;
const version = 'NATS/1.0\r\n\r\n'.length;

/** Bytes of the message as a single append, headers and all: what the server's `max_payload` counts. */
export function sizeOf(append: Append): number {
  const lines = [...append.headers, expectation(append)];
  return lines.reduce((sum, [name, value]) => sum + name.length + value.length + lineEnds, version) + append.body.length;
}

/** The fresh headers of one attempt: the client changes the object it is given. */
export function headersOf(append: Append, more: ReadonlyArray<readonly [string, string]> = []): MsgHdrs {
  const made = headers();
  for (const [name, value] of append.headers) made.append(name, value);
  const [name, value] = expectation(append);
  made.append(name, value);
  for (const [key, extra] of more) made.append(key, extra);
  return made;
}

const expectation = (append: Append): readonly [string, string] => ['Nats-Expected-Last-Subject-Sequence', String(append.after)];

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
