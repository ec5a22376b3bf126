import type { Json, JsonObject } from '../kernel/json.ts';
import type { LogRecord } from '../kernel/record.ts';
import { redact } from '../kernel/redact.ts';
import { redactJson } from '../kernel/redact-json.ts';

/** A record as it leaves the house: secrets in its data, its cause and its `by` are redacted. Pure. */
export function exportedRecord({ data, by, cause, at, ...record }: LogRecord): { readonly [name: string]: Json } {
  const { actor, seq, type, machine, chain, traceparent } = record;
  return {
    actor, seq, at: new Date(at).toISOString(), type, cause: redact(cause), ...(by === undefined ? {} : { by: redact(by) }),
    machine: { ...machine }, data: redactJson(data), chain, ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/**
 * A record as a CloudEvent 1.0 in the JSON format. `source` and `id` name it for ever; `chain`, `cause`, `by`, `machine`,
 * and the documented `sequence` and `traceparent`, are extension attributes. Redacted as {@link exportedRecord}. Pure.
 */
export function cloudEvent(record: LogRecord, prefix: string): { readonly [name: string]: Json } {
  const { actor, seq, at, type, chain, machine, traceparent } = record;
  const { data = {}, cause = '', by = '' } = exportedRecord(record);
  return {
    specversion: '1.0', id: String(seq), source: `/${prefix}/${actor}`, type: `${prefix}.${attribute(type)}`, subject: actor,
    time: new Date(at).toISOString(), datacontenttype: 'application/json', data,
    sequence: String(seq), chain, machine: attribute(`${machine.name}@${machine.version}#${machine.hash}`),
    ...optional('cause', cause as string), ...optional('by', by as string), ...optional('traceparent', traceparent ?? ''),
  };
}

/** An attribute is never empty. */
const optional = (name: string, value: string): JsonObject => (value === '' ? {} : { [name]: attribute(value) });

/** Control characters, half surrogate pairs and noncharacters cannot stand in an attribute. */
const attribute = (text: string): string =>
  text.replace(/\p{Cc}|\p{Noncharacter_Code_Point}|\p{Surrogate}/gu, '\ufffd');
