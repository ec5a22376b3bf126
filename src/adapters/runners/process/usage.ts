import type * as fileSystem from 'node:fs';
import type { Seen, SystemTools } from './system.ts';

/** What a build uses at one moment. */
export interface Usage {
  readonly processes: number;
  readonly memoryBytes: number;
  /** Since it began, ms. */
  readonly cpuMs: number;
}

export type UsageTools = ReturnType<typeof usageTools>;

/** Measure a build, from /proc and its folders. Self-contained on purpose: see `program.ts`. */
export function usageTools(fs: typeof fileSystem, { read }: Pick<SystemTools, 'read'>) {
  const pageBytes = 1024 * Number(/^KernelPageSize:\s+(\d+) kB/m.exec(read('/proc/self/smaps'))?.[1] ?? 4);
  const number = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

  /** Processor time of the children this process has waited for. */
  const reaped = (): number => {
    const fields = read('/proc/self/stat').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
  };

  /** Shared pages count once for every process; where that makes it too much, they are shared out. */
  const memory = (seen: readonly Seen[], most: number): number => {
    const rough = seen.reduce((sum, { pages }) => sum + pages, 0) * pageBytes;
    if (rough <= most) return rough;
    return seen.reduce((sum, { pid, pages }) => {
      const exact = number(read(`/proc/${pid}/smaps_rollup`), /^Pss:\s+(\d+) kB/m);
      return sum + (exact > 0 ? exact * 1024 : pages * pageBytes);
    }, 0);
  };

  /** One command's, from before it begins. `most`: memory above this is counted with care. */
  const meter = (most: number): ((seen: readonly Seen[]) => Usage) => {
    const before = reaped();
    let last = new Map<number, Seen>();
    let orphaned = 0;
    return (seen) => {
      const now = new Map(seen.map((one) => [one.pid, one]));
      for (const one of last.values()) {
        // Whoever waited for it has its time now; when nobody of ours did, it is kept here.
        const ended = now.get(one.pid)?.start !== one.start;
        if (ended && one.parent !== process.pid && !now.has(one.parent)) orphaned += one.ticks;
      }
      last = now;
      const ticks = seen.reduce((sum, one) => sum + one.ticks, reaped() - before + orphaned);
      return { processes: seen.length, memoryBytes: memory(seen, most), cpuMs: ticks * 10 };
    };
  };

  /** Bytes on the disk below these folders, and in files that were deleted but are still open. */
  const disk = async (folders: readonly string[], seen: readonly Seen[]): Promise<number> => {
    const linked = new Set<string>();
    let bytes = 0;
    let entries = 0;
    const add = (path: string, look: typeof fileSystem.lstatSync): boolean => {
      const stat = look(path, { throwIfNoEntry: false });
      if (stat === undefined) return false;
      const key = `${stat.dev}:${stat.ino}`;
      if (!stat.isDirectory() && stat.nlink !== 1 && linked.has(key)) return false;
      if (!stat.isDirectory() && stat.nlink !== 1) linked.add(key);
      bytes += stat.blocks * 512;
      return stat.isDirectory();
    };
    const list = (folder: string): string[] => {
      try {
        return fs.readdirSync(folder).map((name) => `${folder}/${name}`);
      } catch {
        return []; // gone in the meantime, or locked
      }
    };
    const waiting = [...folders];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      for (const path of list(folder)) {
        if (add(path, fs.lstatSync)) waiting.push(path);
        // Output is to flow on meanwhile.
        if (++entries % 256 === 0) await new Promise((resolve) => { setImmediate(resolve); });
      }
    }
    for (const path of seen.flatMap(({ pid }) => list(`/proc/${pid}/fd`))) {
      try {
        const target = fs.readlinkSync(path);
        if (target.endsWith(' (deleted)') && folders.some((folder) => target.startsWith(`${folder}/`))) add(path, fs.statSync);
      } catch { /* closed in the meantime */ }
    }
    return bytes;
  };

  /** The machine's own want: processes killed for lack of memory so far, and bytes free where `folder` is. */
  const machine = (folder: string): { kills: number; freeBytes: number } => {
    let freeBytes = Infinity;
    try {
      const { bavail, bsize, files, ffree } = fs.statfsSync(folder);
      freeBytes = files > 0 && ffree === 0 ? 0 : bavail * bsize;
    } catch { /* the folder is gone */ }
    return { kills: number(read('/proc/vmstat'), /^oom_kill (\d+)$/m), freeBytes };
  };

  return { meter, disk, machine };
}
