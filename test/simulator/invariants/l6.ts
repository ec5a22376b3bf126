import type { Check } from './invariant.ts';

/** A record of an effect that is no longer running changes nothing: it never becomes part of a log. */
export const l6: Check = ({ chronicle }) => chronicle.all().flatMap(({ actor, stale, broken }) => [
  ...stale.map((text) => `${actor}: ${text}, which is not running`),
  ...(broken === undefined ? [] : [`${actor} cannot be folded: ${broken}`]),
]);
