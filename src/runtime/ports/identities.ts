import type { Delivery } from './queue.ts';

/** Who sent a command, as far as its signature tells. */
export type Identity =
  /** Unsigned, and it may be: `Millrace-By` is what its sender says. */
  | { readonly kind: 'claimed' }
  /** Signed with a key that is known, by this name. */
  | { readonly kind: 'authenticated'; readonly name: string; readonly key: string }
  /** Not to be taken, not even as a claim. */
  | { readonly kind: 'refused'; readonly code: 'bad_signature' | 'identity_needed'; readonly reason: string; readonly hint: string };

/** Whom this worker knows by their keys. */
export interface Identities {
  identify(delivery: Pick<Delivery, 'subject' | 'command' | 'id' | 'body' | 'headers'>, now: number): Identity;
}
