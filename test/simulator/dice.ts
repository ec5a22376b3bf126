/** Chance that depends on the seed and on what it is asked for, not on when: leaving one thing out does not change the luck of the others. */
export interface Dice {
  /** From 0 to below 1. The n-th roll for a label is the same in every run of a seed. */
  roll(label: string): number;
  chance(label: string, probability: number): boolean;
  /** A whole number from `from` to `to`, both included. */
  between(label: string, from: number, to: number): number;
  pick<T>(label: string, items: readonly [T, ...T[]]): T;
}

export function diceOf(seed: number): Dice {
  const counts = new Map<string, number>();
  const roll = (label: string): number => {
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    return unit(hash(label, Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(count, 0x85ebca6b)));
  };
  const between = (label: string, from: number, to: number): number => from + Math.floor(roll(label) * (to - from + 1));
  return {
    roll, between,
    chance: (label, probability) => roll(label) < probability,
    pick: (label, items) => items[between(label, 0, items.length - 1)] ?? items[0],
  };
}

/** FNV-1a, then stirred: labels that differ in one letter have nothing in common. */
function hash(text: string, start: number): number {
  let mixed = start ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const unit = (bits: number): number => bits / 2 ** 32;
