import type { ActorName, LogRecord } from '../kernel/record.ts';
import { reservedPrefixes } from '../kernel/record.ts';
import { redact } from '../kernel/redact.ts';
import type { ToldRequest } from './requests.ts';

/** A wish for an actor: who, when, what, why, and what became of it. */
export interface Wish {
  /** The record that took it; undefined when none did. */
  readonly seq?: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly command: string;
  /** As the sender claims, or who holds the key. */
  readonly by?: string;
  /** The public nkey with which it was signed; absent: a claim. */
  readonly signedBy?: string;
  readonly reason?: string;
  /** `taken`: recorded, and nothing more is kept of it; `pending`, `completed`, `failed`: of a request; `refused`: a dead letter tells of it. */
  readonly became: 'taken' | 'refused' | ToldRequest['state'];
  readonly detail?: string;
  readonly settledAt?: number;
  readonly settledSeq?: number;
}

/** What a dead letter tells of a wish. */
export interface RefusedWish {
  readonly actor: ActorName;
  readonly at: number;
  readonly command: string;
  readonly by?: string;
  readonly code: string;
  readonly reason: string;
}

/** Every wish that an actor's log, its requests and its dead letters tell of, in the order of time. Pure. */
export function wishesOf(records: readonly LogRecord[], requests: readonly ToldRequest[], refused: readonly RefusedWish[]): readonly Wish[] {
  const bySeq = new Map(requests.map((request) => [request.seq, request]));
  const taken = records.filter(isWish).map((record) => takenWish(record, bySeq.get(record.seq)));
  const dead = refused.map(({ at, command, by, code, reason }): Wish => ({ at, command, ...said('by', by), became: 'refused', detail: `${reason} [${code}]` }));
  return [...taken, ...dead].sort((a, b) => a.at - b.at);
}

/** Facts are nobody's wish, but for the creation. */
const isWish = ({ type }: LogRecord): boolean => type === 'actor.created' || !reservedPrefixes.some((prefix) => type.startsWith(prefix));

function takenWish({ seq, at, type, by, key, data }: LogRecord, request: ToldRequest | undefined): Wish {
  const reason = typeof data.reason === 'string' ? redact(data.reason) : undefined;
  return {
    seq, at, command: type === 'actor.created' ? 'create' : type, ...said('by', by), ...said('signedBy', key), ...said('reason', request?.reason ?? reason),
    became: request?.state ?? 'taken', ...said('detail', request?.detail),
    ...(request?.settledAt === undefined ? {} : { settledAt: request.settledAt }), ...(request?.settledSeq === undefined ? {} : { settledSeq: request.settledSeq }),
  };
}

const said = <Name extends string>(name: Name, text: string | undefined): { readonly [_ in Name]?: string } =>
  (text === undefined ? {} : { [name]: text }) as { readonly [_ in Name]?: string };
