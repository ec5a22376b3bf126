/** Rows drawn beyond what is seen, above and below, so that a scroll finds them there. */
const spare = 10;

/** First row and number of rows to draw of a list that is scrolled to `top`. All in px. */
export const inSight = (top: number, seen: number, height: number): [from: number, count: number] =>
  [Math.max(0, Math.floor(top / height) - spare), Math.ceil(seen / height) + 2 * spare];

/** Where a key leads in a list of `length` rows, `page` of which are seen; -1 is before the first. Undefined: not a key that moves. */
export function movedTo(key: string, current: number, length: number, page: number): number | undefined {
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -length, End: length }[key];
  return by === undefined || length === 0 ? undefined : Math.max(0, Math.min(length - 1, current + by));
}
