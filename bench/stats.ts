/** The value below which `share` (0 to 1) of them lie. NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** User and system time of this process since `before`, in milliseconds. */
export function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What a stretch of work took: `count` things, each with its own time in milliseconds. */
export interface Timing {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of this process (worker and publisher in one), for one thing. */
  readonly cpuMs: number;
}

/** Keep `atOnce` of them going until `count` are done. `one` resolves when its thing is done. */
export async function closedLoop(count: number, atOnce: number, one: (index: number) => Promise<void>): Promise<Timing> {
  const times: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const start = performance.now();
      await one(index);
      times.push(performance.now() - start);
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: atOnce }, lane));
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: count / seconds, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), cpuMs: cpuSince(cpu) / count };
}
