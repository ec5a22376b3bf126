type Taken = Readonly<Record<string, number>>;

/** How many ids a level holds before it is poured into the one below. */
const small = 16;
const large = 256;

/**
 * The ids taken so far are kept in levels, each the prototype of the next: a new id copies only the small
 * top one. So remembering every id for ever costs little per command, earlier states stay as they were,
 * and `taken[id]` still is one look-up. The last level has no prototype: `constructor` is an id like any other.
 */
export function withTaken(taken: Taken, id: string, seq: number): Taken {
  const ids = Object.keys(taken);
  if (ids.length < small) return level(below(taken), taken, ids, id, seq);
  const middle = below(taken);
  const merged = pour(below(middle), [middle, taken]);
  const under = Object.keys(merged).length < large ? merged : over(pour(null, [below(merged), merged]));
  return level(under, {}, [], id, seq);
}

export const noneTaken: Taken = Object.freeze(Object.create(null) as Taken);

/** Every id with its `seq`, in the order of the log. */
export function takenEntries(taken: Taken): (readonly [string, number])[] {
  const all: (readonly [string, number])[] = [];
  for (const id in taken) all.push([id, taken[id] as number]);
  return all.sort((a, b) => a[1] - b[1]);
}

export function takenFrom(entries: readonly (readonly [string, number])[]): Taken {
  const bottom = Object.create(null) as Record<string, number>;
  for (const [id, seq] of entries) bottom[id] = seq;
  return Object.freeze(over(over(bottom)));
}

const over = (under: Taken): Taken => Object.create(under) as Taken;

const below = (taken: Taken | null): Taken | null => (taken === null ? null : (Object.getPrototypeOf(taken) as Taken | null));

function level(under: Taken | null, own: Taken, ids: readonly string[], id: string, seq: number): Taken {
  const next = Object.create(under) as Record<string, number>;
  for (const key of ids) next[key] = own[key] as number;
  next[id] = seq;
  return Object.freeze(next);
}

function pour(under: Taken | null, levels: readonly (Taken | null)[]): Taken {
  const next = Object.create(under) as Record<string, number>;
  for (const from of levels) {
    if (from !== null) for (const key of Object.keys(from)) next[key] = from[key] as number;
  }
  return next;
}
