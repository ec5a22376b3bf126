/**
 * Every command id an actor ever took, with the `seq` of its record. Immutable to whoever holds one; those of one log
 * share one growing map, of which each sees what was taken up to its own last record. So a new id costs the same
 * however many there are. Only who goes on from an earlier one, as a question about the past does, copies.
 */
export class Taken implements Iterable<readonly [id: string, seq: number]> {
  readonly #all: Map<string, number>;
  /** How many of the map's ids, the first ones, are its own. */
  readonly #count: number;
  readonly #last: number;

  private constructor(all: Map<string, number>, last: number) {
    this.#all = all;
    this.#count = all.size;
    this.#last = last;
  }

  static readonly none = new Taken(new Map(), 0);

  /** In the order of the log. */
  static from(entries: Iterable<readonly [string, number]>): Taken {
    const all = new Map(entries);
    return all.size === 0 ? Taken.none : new Taken(all, Math.max(...all.values()));
  }

  at(id: string): number | undefined {
    const seq = this.#all.get(id);
    return seq !== undefined && seq <= this.#last ? seq : undefined;
  }

  /** `seq` is later than those of all ids before. */
  with(id: string, seq: number): Taken {
    const isLatest = this.#all.size === this.#count && this.#count > 0;
    const all = isLatest ? this.#all : new Map(this);
    return new Taken(all.set(id, seq), seq);
  }

  *[Symbol.iterator](): Iterator<readonly [string, number]> {
    let left = this.#count;
    for (const entry of this.#all) {
      if (left-- <= 0) return;
      yield entry;
    }
  }
}
