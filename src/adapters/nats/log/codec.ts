import type { MsgHdrs } from '@nats-io/transport-node';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Json, JsonObject } from '../../../kernel/json.ts';
import type { ActorName, LogRecord, MachineStamp } from '../../../kernel/record.ts';
import type { Names } from '../names.ts';
import { fromHeader, toHeader } from './headers.ts';

/** A record as it goes out: everything but the sequence expectation. */
export interface EncodedRecord {
  readonly actor: ActorName;
  readonly subject: string;
  readonly headers: ReadonlyArray<readonly [string, string]>;
  /** `data` as JSON. */
  readonly body: Uint8Array;
}

/** A message as the events stream gives it back. */
export interface StoredRecord {
  readonly subject: string;
  /** Stream sequence. */
  readonly seq: number;
  readonly header: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { fatal: true });

/** The actor's subject. @throws TerminalError `bad_actor`: a name with dots, wildcards or blanks could address others. */
export function subjectOf(names: Names, actor: ActorName): string {
  if (!/^[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+$/.test(actor) || actor.length > 512) {
    throw new TerminalError('bad_actor', `${JSON.stringify(actor.slice(0, 80))} is not the name of an actor.`,
      { hint: 'Use <type>/<id>, each of the letters a-z A-Z 0-9 - _, together at most 512 characters.' });
  }
  return names.event(actor);
}

/** The record as subject, headers and body. @throws TerminalError `bad_actor`, `bad_record`. */
export function encodeRecord(names: Names, record: LogRecord): EncodedRecord {
  const { actor, machine, by, key, traceparent } = record;
  if (!Number.isSafeInteger(record.seq) || record.seq < 1) throw unfit(actor, `its seq is ${record.seq}, not a whole number from 1`);
  if (!Number.isInteger(record.at) || Math.abs(record.at) > 8.64e15) throw unfit(actor, `its time ${record.at} is not whole milliseconds`);
  const headers: [string, string][] = [
    ['Millrace-Type', toHeader(record.type)],
    ['Millrace-Cause', toHeader(record.cause)],
    ['Millrace-Seq', String(record.seq)],
    ['Millrace-Time', new Date(record.at).toISOString()],
    ['Millrace-Machine', stampToHeader(machine)],
    ['Millrace-Chain', toHeader(record.chain)],
  ];
  if (by !== undefined) headers.push(['Millrace-By', toHeader(by)]);
  if (key !== undefined) headers.push(['Millrace-Key', toHeader(key)]);
  if (traceparent !== undefined) headers.push(['traceparent', toHeader(traceparent)]);
  return { actor, subject: subjectOf(names, actor), headers, body: utf8.encode(JSON.stringify(record.data)) };
}

/** The record's place in its own log, without reading its body. @throws TerminalError `bad_record`. */
export function seqOf(names: Names, message: StoredRecord): number {
  return guarded(names, message, () => seqFrom(message));
}

/** @throws TerminalError `bad_record`, naming the actor and the stream sequence. */
export function decodeRecord(names: Names, message: StoredRecord): LogRecord {
  return guarded(names, message, () => {
    const by = optional(message, 'Millrace-By');
    const key = optional(message, 'Millrace-Key');
    const traceparent = optional(message, 'traceparent');
    return {
      actor: actorOf(names, message.subject),
      seq: seqFrom(message),
      at: timeFrom(message),
      type: required(message, 'Millrace-Type'),
      cause: required(message, 'Millrace-Cause'),
      ...(by === undefined ? {} : { by }),
      ...(key === undefined ? {} : { key }),
      machine: stampFrom(message),
      data: dataFrom(message),
      chain: required(message, 'Millrace-Chain'),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  });
}

function guarded<T>(names: Names, message: StoredRecord, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TerminalError('bad_record',
      `The log of ${actorOf(names, message.subject)} cannot be read: message ${message.seq} of ${names.streams.events} is no record (${why}).`,
      { hint: `Look at it with: nats stream get ${names.streams.events} ${message.seq}. Only Millrace may publish on ${names.prefix}.evt.>.`, cause });
  }
}

function unfit(actor: ActorName, why: string): TerminalError {
  return new TerminalError('bad_record', `A record of ${actor} cannot be stored: ${why}.`);
}

function actorOf(names: Names, subject: string): ActorName {
  const [type = '', id = ''] = subject.slice(names.prefix.length + '.evt.'.length).split('.');
  return `${type}/${id}`;
}

function optional(message: StoredRecord, name: string): string | undefined {
  const value = message.header?.values(name)[0];
  return value === undefined ? undefined : fromHeader(value);
}

function required(message: StoredRecord, name: string): string {
  const value = optional(message, name);
  if (value === undefined) throw new Error(`header ${name} is missing`);
  return value;
}

function seqFrom(message: StoredRecord): number {
  const value = required(message, 'Millrace-Seq');
  const seq = /^[1-9]\d*$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(seq)) throw new Error(`header Millrace-Seq is ${JSON.stringify(value)}, not a whole number from 1`);
  return seq;
}

function timeFrom(message: StoredRecord): number {
  const value = required(message, 'Millrace-Time');
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new Error(`header Millrace-Time is ${JSON.stringify(value)}, not an RFC 3339 time`);
  return at;
}

function dataFrom(message: StoredRecord): JsonObject {
  const data: Json = JSON.parse(fromUtf8.decode(message.data));
  if (!isObject(data)) throw new Error('its body is not a JSON object');
  return data;
}

function isObject(data: Json): data is JsonObject {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

const stamps = new WeakMap<MachineStamp, string>();

/** `name@version#hash`; an `@` or `#` inside a part is escaped. A definition has one stamp for all its records. */
function stampToHeader(stamp: MachineStamp): string {
  const known = stamps.get(stamp);
  if (known !== undefined) return known;
  const text = `${stampPart(stamp.name)}@${stampPart(stamp.version)}#${stampPart(stamp.hash)}`;
  stamps.set(stamp, text);
  return text;
}

function stampPart(value: string): string {
  return toHeader(value).replaceAll('@', '%40').replaceAll('#', '%23');
}

function stampFrom(message: StoredRecord): MachineStamp {
  const raw = message.header?.get('Millrace-Machine') ?? '';
  const [, name, version, hash] = /^([^@#]*)@([^@#]*)#([^@#]*)$/.exec(raw) ?? [];
  if (name === undefined || version === undefined || hash === undefined) throw new Error(`header Millrace-Machine is ${JSON.stringify(raw)}, not name@version#hash`);
  return { name: fromHeader(name), version: fromHeader(version), hash: fromHeader(hash) };
}
