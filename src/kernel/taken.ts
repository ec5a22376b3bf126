type Taken = Readonly<Record<string, number>>;
type Level = Record<string, number> & { [size]?: number };

const size = Symbol('size');
/** How many ids the top level holds before it becomes the level below. */
const small = 16;

/**
 * The ids taken so far are kept in levels, each the prototype of the next and each at least twice as large as
 * the one above it: a new id copies only the small top one. So remembering every id for ever costs little per
 * command, earlier states stay as they were, and `taken[id]` still is one look-up. The last level has no
 * prototype: `constructor` is an id like any other.
 */
export function withTaken(taken: Taken, id: string, seq: number): Taken {
  const top: Level = sizeOf(taken) < small ? copied(below(taken), [taken]) : Object.create(merged(taken)) as Level;
  top[id] = seq;
  top[size] = sizeOf(taken) < small ? sizeOf(taken) + 1 : 1;
  return top;
}

export const noneTaken: Taken = takenFrom([]);

/** Every id with its `seq`, in the order of the log. */
export function takenEntries(taken: Taken): (readonly [string, number])[] {
  const all: (readonly [string, number])[] = [];
  for (const id in taken) all.push([id, taken[id] as number]);
  return all.sort((a, b) => a[1] - b[1]);
}

export function takenFrom(entries: readonly (readonly [string, number])[]): Taken {
  const level = Object.create(null) as Level;
  for (const [id, seq] of entries) level[id] = seq;
  level[size] = entries.length;
  return level;
}

const below = (level: Taken): Taken | null => Object.getPrototypeOf(level) as Taken | null;
const sizeOf = (level: Level): number => level[size] ?? 0;

/** This level and all below it that are not much larger, as one. */
function merged(taken: Taken): Taken {
  let level = taken;
  for (let under = below(level); under !== null && sizeOf(under) <= 2 * sizeOf(level); under = below(level)) {
    level = copied(below(under), [under, level]);
  }
  return level;
}

function copied(under: Taken | null, levels: readonly Taken[]): Level {
  const copy = Object.create(under) as Level;
  let count = 0;
  for (const level of levels) {
    for (const key of Object.keys(level)) copy[key] = level[key] as number;
    count += sizeOf(level);
  }
  copy[size] = count;
  return copy;
}
