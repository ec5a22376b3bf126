export interface IntervalFigures {
  readonly pollsPerSecond: number;
  /** From one mark of a name to its next one. */
  readonly meanMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the name with the fewest, and with the most marks. A name marked by two at once has twice as many. */
  readonly fewest: number;
  readonly most: number;
}

/** Measures the time between marks of the same name, in little and constant memory. */
export interface Intervals {
  mark(name: string): void;
  /** Names that were ever marked. */
  seen(): number;
  reset(): void;
  figures(elapsedMs: number): IntervalFigures;
}

export function intervals(usualMs: number): Intervals {
  const names = new Map<string, { last: number; marks: number }>();
  // A slot a millisecond; what is longer falls into the last one.
  const slots = new Uint32Array(usualMs * 50);
  let [count, sum, maxMs] = [0, 0, 0];
  return {
    mark(name) {
      const now = performance.now();
      const one = names.get(name);
      if (one === undefined) return void names.set(name, { last: now, marks: 1 });
      const took = now - one.last;
      one.last = now;
      one.marks++;
      count++;
      sum += took;
      maxMs = Math.max(maxMs, took);
      const slot = Math.min(slots.length - 1, Math.floor(took));
      slots[slot] = (slots[slot] ?? 0) + 1;
    },
    seen: () => names.size,
    reset() {
      slots.fill(0);
      [count, sum, maxMs] = [0, 0, 0];
      for (const one of names.values()) one.marks = 0;
    },
    figures(elapsedMs) {
      let [p99Ms, below] = [0, 0];
      while (p99Ms < slots.length && below < count * 0.99) below += slots[p99Ms++] ?? 0;
      const marks = [...names.values()].map((one) => one.marks);
      return { pollsPerSecond: (count * 1000) / elapsedMs, meanMs: sum / count, p99Ms, maxMs, fewest: Math.min(...marks), most: Math.max(...marks) };
    },
  };
}
