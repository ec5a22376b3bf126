/**
 * A chart's only clock, for the context, `assign` and delays: when the record that is being folded was accepted,
 * ms since the epoch. The same on every replay. 0 outside of Millrace, and in guards, which have no moment.
 */
export const recordedAt = ({ self }: { readonly self: unknown }): number => (self as { readonly at?: number }).at ?? 0;
