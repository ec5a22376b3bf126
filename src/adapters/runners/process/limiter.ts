import type { SideEnd } from './exit.ts';
import type { Order, SideOrder } from './order.ts';
import type { Seen } from './system.ts';
import type { UsageTools } from './usage.ts';

/** Why a build is to end. `limit`: how much it may have of what it has too much of. */
export type Wish = Pick<SideEnd, 'reason' | 'limit'>;

/** Holds one side's command to its limits. */
export interface Limiter {
  /** Look again, unless it was looked a moment ago: what there is too much of, and whether it may have its grace. */
  over(ranMs: number): { readonly wish: Wish; readonly graceful: boolean } | undefined;
  /** Once nothing of it is left: what it had too much of. Undefined until that is known; `changed` tells when. */
  atEnd(changed: () => void): { readonly wish: Wish | undefined } | undefined;
  used(): Pick<SideEnd, 'cpuMs' | 'memoryPeakBytes'>;
  /** What the machine itself had none left of, when it may be why the command ended like this. */
  machineLacked(code: number | null, signal: string | null): SideEnd['machineLacked'];
}

/** Self-contained on purpose: see `program.ts`. */
export function limiterTools(usage: UsageTools) {
  return ({ folder, limits }: Pick<Order, 'folder' | 'limits'>, { work, home, temp }: SideOrder, seen: () => readonly Seen[]): Limiter => {
    const { timeoutMs, cpuSeconds = Infinity, memoryBytes = Infinity, pids = Infinity, diskBytes = Infinity } = limits;
    const measure = usage.meter(memoryBytes);
    const killsBefore = usage.machine(folder.path).kills;
    let now = { processes: 0, memoryBytes: 0, cpuMs: 0 };
    let memoryPeakBytes = 0;
    let lookAt = 0;
    let disk = { bytes: 0, final: false };
    let weighAt = 0;
    let weighing = false;

    const look = (): void => {
      const began = performance.now();
      now = measure(seen());
      memoryPeakBytes = Math.max(memoryPeakBytes, now.memoryBytes);
      // Looking costs: never more than a twentieth of the time.
      lookAt = performance.now() + 20 * (performance.now() - began);
    };

    const weigh = (changed?: () => void): void => {
      if (weighing || diskBytes === Infinity || (changed === undefined && performance.now() < weighAt)) return;
      weighing = true;
      const began = performance.now();
      void usage.disk([work, home, temp], seen()).then((bytes) => {
        disk = { bytes, final: changed !== undefined };
        weighAt = performance.now() + 10 * (performance.now() - began);
        weighing = false;
        changed?.();
      });
    };

    const tooMuchCpu = (): Wish | undefined => (now.cpuMs >= cpuSeconds * 1000 ? { reason: 'cpu_time', limit: cpuSeconds } : undefined);
    const tooMuchDisk = (): Wish | undefined => (disk.bytes >= diskBytes ? { reason: 'disk_full', limit: diskBytes } : undefined);

    return {
      over(ranMs) {
        if (performance.now() >= lookAt) look();
        weigh();
        const slow: Wish | undefined = ranMs >= timeoutMs ? { reason: 'timeout', limit: timeoutMs } : tooMuchCpu();
        if (slow !== undefined) return { wish: slow, graceful: true };
        // These would only have more of it in their grace.
        if (now.memoryBytes > memoryBytes) return { wish: { reason: 'out_of_memory', limit: memoryBytes }, graceful: false };
        if (now.processes > pids) return { wish: { reason: 'too_many_processes', limit: pids }, graceful: false };
        const full = tooMuchDisk();
        return full === undefined ? undefined : { wish: full, graceful: false };
      },
      // One that got through in time has too much all the same.
      atEnd(changed) {
        look();
        if (diskBytes < Infinity && !disk.final) {
          weigh(changed);
          return undefined;
        }
        return { wish: tooMuchDisk() ?? tooMuchCpu() };
      },
      used: () => ({ cpuMs: now.cpuMs, memoryPeakBytes }),
      machineLacked(code, signal) {
        if (code === 0) return undefined;
        const { kills, freeBytes } = usage.machine(folder.path);
        if (kills > killsBefore && (signal === 'SIGKILL' || code === 137)) return 'memory';
        return freeBytes < 1_048_576 ? 'disk' : undefined;
      },
    };
  };
}
