import type { Status } from '../../kernel/state.ts';
import type { BoardRow, BoardWindow } from '../protocol.ts';

/** The rows that one window's filters let through, in its order. Pure but for what it holds. */
export interface BoardView {
  /** Rows that are new or have changed. Costs what they are, not what the board is. */
  take(rows: readonly BoardRow[]): void;
  readonly total: number;
  readonly counts: Readonly<Partial<Record<Status, number>>>;
  /** So many rows from a place on. */
  slice(from: number, count: number): readonly BoardRow[];
}

type Filter = Pick<BoardWindow, 'text' | 'type' | 'status' | 'roots' | 'parent' | 'sort'>;

/** Two windows of the same filter share a view. */
export const filterKey = ({ text, type, status, roots, parent, sort }: Filter): string => JSON.stringify([text, type, status, roots, parent, sort]);

export function boardView(filter: Filter): BoardView {
  const before = orders[filter.sort ?? 'changed'];
  const letsThrough = filterOf(filter);
  const wanted = filter.status === undefined ? undefined : new Set(filter.status);
  /** Rows that pass but for their status, as they were when they were counted. */
  const counted = new Map<string, BoardRow>();
  const counts: Partial<Record<Status, number>> = {};
  let ordered: BoardRow[] = [];

  const count = ({ status }: BoardRow, by: 1 | -1): void => { counts[status] = (counts[status] ?? 0) + by; };
  const belongs = (row: BoardRow): boolean => wanted === undefined || wanted.has(row.status);

  return {
    take(rows) {
      const newest = [...new Map(rows.map((row) => [row.actor, row])).values()];
      const gone = new Set<BoardRow>();
      const come: BoardRow[] = [];
      for (const row of newest) {
        const old = counted.get(row.actor);
        if (old !== undefined) {
          count(old, -1);
          if (belongs(old)) gone.add(old);
          counted.delete(row.actor);
        }
        if (!letsThrough(row)) continue;
        counted.set(row.actor, row);
        count(row, 1);
        if (belongs(row)) come.push(row);
      }
      if (gone.size > 0) ordered = ordered.filter((row) => !gone.has(row));
      if (come.length > 0) ordered = merged(ordered, come.toSorted(before), before);
    },
    get total() { return ordered.length; },
    counts,
    slice: (from, size) => ordered.slice(from, from + size),
  };
}

type Order = (a: BoardRow, b: BoardRow) => number;

const byName: Order = (a, b) => (a.actor < b.actor ? -1 : Number(a.actor > b.actor));
const byChange: Order = (a, b) => b.at - a.at || byName(a, b);

/** What needs a person first, what has ended well last. */
const urgency: Readonly<Record<Status, number>> = { blocked: 0, failed: 1, stopping: 2, undoing: 2, running: 2, waiting: 3, stopped: 3, cancelled: 4, completed: 4 };

const orders: Readonly<Record<NonNullable<BoardWindow['sort']>, Order>> = {
  actor: byName,
  changed: byChange,
  created: (a, b) => (b.createdAt ?? b.at) - (a.createdAt ?? a.at) || byName(a, b),
  attention: (a, b) => urgency[a.status] - urgency[b.status] || byChange(a, b),
};

/** Both are in order. */
function merged(some: readonly BoardRow[], more: readonly BoardRow[], before: Order): BoardRow[] {
  const all: BoardRow[] = [];
  let next = 0;
  for (const row of some) {
    for (let one = more[next]; one !== undefined && before(one, row) < 0; one = more[++next]) all.push(one);
    all.push(row);
  }
  return [...all, ...more.slice(next)];
}

function filterOf({ text = '', type, roots, parent }: Filter): (row: BoardRow) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return (row) => (type === undefined || row.actor.startsWith(`${type}/`))
    && (roots !== true || row.parent === undefined)
    && (parent === undefined || row.parent === parent)
    && (words.length === 0 || has(row, words));
}

/** What of a row is searched. Made when it is first searched for: a row never changes, another takes its place. */
const texts = new WeakMap<BoardRow, string>();

function has(row: BoardRow, words: readonly string[]): boolean {
  const text = texts.get(row) ?? textOf(row);
  texts.set(row, text);
  return words.every((word) => text.includes(word));
}

function textOf(row: BoardRow): string {
  const { actor, status, value, waitingFor = [], blocked, failing, reason, parent } = row;
  return [actor, status, JSON.stringify(value), ...waitingFor.map(({ name }) => name), blocked?.actor, blocked?.reason, failing?.reason, reason, parent].join(' ').toLowerCase();
}
