/**
 * A chart's only clock, for the context, `assign` and delays: when the record that is being folded was accepted,
 * ms since the epoch. The same on every replay. 0 outside of Millrace, and in guards, which have no moment.
 */
export const recordedAt = ({ self }: { readonly self: unknown }): number => (self as { readonly at?: number }).at ?? 0;

/** What led to the record that is being folded: the command's id, say. The same on every replay; empty outside of Millrace. */
export const recordedCause = ({ self }: { readonly self: unknown }): string => (self as { readonly cause?: string }).cause ?? '';
