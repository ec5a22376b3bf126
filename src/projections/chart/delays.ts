const units = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000], ['ms', 1]] as const;

/** A delay for people: `1 min 30 s`; a named one as it is. */
export function delayText(delay: number | string): string {
  if (typeof delay === 'string' || !Number.isInteger(delay) || delay <= 0) return typeof delay === 'string' ? delay : `${delay} ms`;
  const parts: string[] = [];
  let left = delay;
  for (const [unit, ms] of units) {
    if (left >= ms) parts.push(`${Math.floor(left / ms)} ${unit}`);
    left %= ms;
  }
  return parts.join(' ');
}
