import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../kernel/canonical.ts';
import { TerminalError } from '../kernel/errors.ts';
import type { ActorName, LogRecord } from '../kernel/record.ts';

/** Where one actor's log ended: the last record's place and chain, which stands for everything before it. */
export type Head = Pick<LogRecord, 'actor' | 'seq' | 'chain'>;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const head = z.strictObject({
  actor: z.custom<ActorName>((value) => typeof value === 'string' && /^[\w-]+\/[\w-]+$/.test(value), 'not an actor'),
  seq: z.int().positive(), chain: digest,
});
const statement = z.strictObject({
  kind: z.literal('millrace.anchor.1'),
  /** RFC 3339, by the signer's clock. */
  at: z.iso.datetime(),
  prefix: z.string(),
  /** The public nkey. */
  signer: z.string(),
  /** {@link digestOf} the anchor before it; null for the first. */
  previous: digest.nullable(),
  actors: z.int().nonnegative(),
  records: z.int().nonnegative(),
  /** SHA-256, hex, over the heads. */
  root: digest,
});
const anchor = statement.extend({ heads: z.array(head), signature: z.string() });

/** What is signed: it stands for the heads by their digest, so that it is small however many actors there are. */
export type Statement = z.output<typeof statement>;
/** A signed statement with its heads. `signature`: Ed25519 over {@link signedBytes}, base64. */
export type Anchor = z.output<typeof anchor>;

const sha256 = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

const sorted = (heads: readonly Head[]): readonly Head[] =>
  heads.map(({ actor, seq, chain }) => ({ actor, seq, chain })).sort((a, b) => (a.actor < b.actor ? -1 : 1));

export interface Anchoring {
  readonly heads: readonly Head[];
  readonly at: number;
  readonly prefix: string;
  readonly signer: { readonly publicKey: string; readonly sign: (bytes: Uint8Array) => string };
  readonly previous?: Anchor | undefined;
}

/** The heads in their order, and a signed statement about them. */
export function makeAnchor({ heads, at, prefix, signer, previous }: Anchoring): Anchor {
  const all = [...sorted(heads)];
  const said: Statement = {
    kind: 'millrace.anchor.1', at: new Date(at).toISOString(), prefix, signer: signer.publicKey, previous: previous === undefined ? null : digestOf(previous),
    actors: all.length, records: all.reduce((sum, { seq }) => sum + seq, 0), root: sha256(all),
  };
  return { ...said, heads: all, signature: signer.sign(signedBytes(said)) };
}

/** The statement of an anchor, without what is not signed itself. */
export function statementOf({ heads: _heads, signature: _signature, ...rest }: Anchor): Statement {
  return rest;
}

export const signedBytes = (said: Statement): Uint8Array => new TextEncoder().encode(canonicalJson(said));

/** SHA-256, hex, of the signed statement: how the next anchor names this one. */
export const digestOf = (made: Anchor): string => sha256(statementOf(made));

/** @throws TerminalError `bad_anchor`: it is none, or its heads are not those that were signed. */
export function parseAnchor(text: string, name: string): Anchor {
  const bad = (why: string, cause?: unknown): TerminalError =>
    new TerminalError('bad_anchor', `${name} is no anchor: ${why}`, { cause, hint: 'give a file that `millrace audit anchor` wrote, unchanged' });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw bad('it is not JSON', cause);
  }
  const parsed = anchor.safeParse(json);
  if (!parsed.success) throw bad(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).slice(0, 3).join('; '), parsed.error);
  if (sha256(parsed.data.heads) !== parsed.data.root) throw bad('its heads are not the ones that were signed');
  return parsed.data;
}

/**
 * Does each anchor that names one before it name the one given before it? Sorted by time. An anchor made without
 * one names none.
 * @throws TerminalError `broken_anchors`.
 */
export function requireLinked(anchors: readonly Anchor[]): void {
  const inTime = [...anchors].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  for (const [i, next] of inTime.entries()) {
    const before = inTime[i - 1];
    if (before === undefined || next.previous === null || next.previous === digestOf(before)) continue;
    throw new TerminalError('broken_anchors', `the anchor of ${next.at} follows another one than that of ${before.at}`, { hint: 'one between them is missing, or one was replaced: give all of them, or only one' });
  }
}
