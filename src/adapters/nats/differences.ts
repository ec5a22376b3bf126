/** One setting of a stream that is not as it should be; both values as JSON. */
export interface Difference {
  readonly field: string;
  readonly found: string;
  readonly wanted: string;
}

/**
 * The wanted settings that `found` does not have. A setting that is not wanted is not compared. A
 * server leaves out what is false, 0 or empty.
 */
export function differences(wanted: object, found: object): Difference[] {
  const there: Readonly<Record<string, unknown>> = { ...found };
  return Object.entries(wanted)
    .filter(([field, value]) => canonical(value) !== canonical(there[field] ?? emptyLike(value)))
    .map(([field, value]) => ({ field, found: JSON.stringify(there[field]) ?? 'not set', wanted: JSON.stringify(value) }));
}

function emptyLike(value: unknown): unknown {
  return typeof value === 'boolean' ? false : typeof value === 'number' ? 0 : undefined;
}

/** JSON with sorted keys and sorted lists of names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (Array.isArray(part)) return part.toSorted(byText);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => byText(a, b)));
  });
}

const byText = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1);
