import type * as childProcess from 'node:child_process';
import type * as fileSystem from 'node:fs';
import type { SideEnd } from './exit.ts';
import type { Order, SideOrder } from './order.ts';
import type { Printer } from './printer.ts';
import type { SystemTools } from './system.ts';
import type { UsageTools } from './usage.ts';

/** Why a build is to end. `limit`: how much it may have of what it has too much of. */
export type Wish = Pick<SideEnd, 'reason' | 'limit'>;

/** One side's command, and everything that came of it. */
export interface RunningSide {
  /** SIGTERM, after the grace SIGKILL. The first reason stands; the shortest grace does. */
  stop(why: Wish, graceMs: number): void;
  /** Hold it to its limits, let it stand still or go on. How it ended, once nothing of it is left. */
  tick(): SideEnd | undefined;
}

interface Tools {
  readonly fs: typeof fileSystem;
  readonly spawn: typeof childProcess.spawn;
  readonly system: SystemTools;
  readonly usage: UsageTools;
}

/** Starts and watches one side's command. Self-contained on purpose: see `program.ts`. */
export function sideTools({ fs, spawn, system, usage }: Tools) {
  const now = (): number => Math.round(performance.timeOrigin + performance.now());

  /** Soft means first: the machine's own killer takes the build before anything else, and what outlives its supervisor still meets a limit. */
  const prelude = ({ cpuSeconds, diskBytes }: Order['limits']): string => [
    'echo 500 > /proc/self/oom_score_adj',
    ...(cpuSeconds === undefined ? [] : [`ulimit -t ${cpuSeconds + 2}`]),
    ...(diskBytes === undefined ? [] : [`ulimit -f ${Math.ceil(diskBytes / 512)}`]),
  ].map((line) => `{ ${line}; } 2>/dev/null\n`).join('');

  return ({ build, command, env, folder, limits, graceMs }: Order, { work, home, temp }: SideOrder, { follow }: Printer): RunningSide => {
    const family = system.family(build);
    const measure = usage.meter(limits.memoryBytes ?? Infinity);
    const killsBefore = usage.machine(folder.path).kills;
    let ended: { code: number | null; signal: string | null; at: number; message?: string } | undefined;
    let drained = false;
    let wish: Wish | undefined;
    let killAt = Infinity;
    let frozen = false;
    let last = now();
    let ranMs = 0;
    let pausedMs = 0;
    let used = { processes: 0, memoryBytes: 0, cpuMs: 0 };
    let memoryPeakBytes = 0;
    let lookAt = 0;
    let disk: { bytes: number; final: boolean; next: number } = { bytes: 0, final: false, next: 0 };
    let weighing = false;

    const child = spawn('sh', ['-c', `${prelude(limits)}exec sh -c "$1"`, 'sh', command], {
      cwd: work, env: { HOME: home, TMPDIR: temp, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const group = child.pid;
    if (group !== undefined) {
      const staged = `${folder.child}.${process.pid}`;
      fs.writeFileSync(staged, JSON.stringify(system.refer(group)), { mode: 0o600 });
      fs.renameSync(staged, folder.child);
    }
    follow('stdout', child.stdout);
    follow('stderr', child.stderr);
    child.on('error', (error) => {
      ended ??= { code: null, signal: null, at: now(), message: error.message };
      drained = true;
    });
    child.on('exit', (code, signal) => {
      ended ??= { code, signal, at: now() };
      // What a finished command leaves behind is not part of the build; a stopped one's children keep their grace.
      if (wish === undefined) killAt = 0;
    });
    child.on('close', () => { drained = true; });

    const stop = (why: Wish, withinMs: number): void => {
      killAt = Math.min(killAt, now() + withinMs);
      if (wish !== undefined || ended !== undefined) return;
      wish = why;
      family.signal(group, 'SIGTERM');
      // What stands still hears nothing.
      if (frozen) family.signal(group, 'SIGCONT');
      frozen = false;
    };

    const freezeOrThaw = (): void => {
      if (wish !== undefined) return;
      if (fs.existsSync(folder.pause)) {
        frozen = true;
        if (family.freeze(group)) fs.writeFileSync(folder.paused, '');
      } else if (frozen) {
        fs.rmSync(folder.paused, { force: true });
        family.signal(group, 'SIGCONT');
        frozen = false;
      }
    };

    const look = (): void => {
      const began = performance.now();
      used = measure(family.seen(group));
      memoryPeakBytes = Math.max(memoryPeakBytes, used.memoryBytes);
      // Looking costs: never more than a twentieth of the time.
      lookAt = performance.now() + 20 * (performance.now() - began);
    };

    const weigh = (final: boolean): void => {
      if (weighing || (!final && performance.now() < disk.next)) return;
      weighing = true;
      const began = performance.now();
      void usage.disk([work, home, temp], family.seen(group)).then((bytes) => {
        disk = { bytes, final, next: performance.now() + 10 * (performance.now() - began) };
        weighing = false;
      });
    };

    const holdToLimits = (): void => {
      const { timeoutMs, cpuSeconds = Infinity, memoryBytes = Infinity, pids = Infinity, diskBytes = Infinity } = limits;
      if (performance.now() >= lookAt || ended !== undefined) look();
      if (diskBytes < Infinity && ended === undefined) weigh(false);
      if (ranMs >= timeoutMs) stop({ reason: 'timeout', limit: timeoutMs }, graceMs);
      if (used.cpuMs >= cpuSeconds * 1000) stop({ reason: 'cpu_time', limit: cpuSeconds }, graceMs);
      // These would only have more of it in their grace.
      if (used.memoryBytes > memoryBytes) stop({ reason: 'out_of_memory', limit: memoryBytes }, 0);
      if (used.processes > pids) stop({ reason: 'too_many_processes', limit: pids }, 0);
      if (disk.bytes >= diskBytes) stop({ reason: 'disk_full', limit: diskBytes }, 0);
    };

    /** One that got through in time has too much all the same. */
    const wishAtEnd = (): Wish | undefined => {
      const { cpuSeconds = Infinity, diskBytes = Infinity } = limits;
      if (wish !== undefined) return wish;
      if (disk.bytes >= diskBytes) return { reason: 'disk_full', limit: diskBytes };
      return used.cpuMs >= cpuSeconds * 1000 ? { reason: 'cpu_time', limit: cpuSeconds } : undefined;
    };

    const machineLacked = (code: number | null, signal: string | null): SideEnd['machineLacked'] => {
      if (code === 0) return undefined;
      const { kills, freeBytes } = usage.machine(folder.path);
      if (kills > killsBefore && (signal === 'SIGKILL' || code === 137)) return 'memory';
      return freeBytes < 1_048_576 ? 'disk' : undefined;
    };

    const tick = (): SideEnd | undefined => {
      const passed = now() - last;
      last += passed;
      if (ended === undefined) {
        if (frozen) pausedMs += passed;
        else ranMs += passed;
        freezeOrThaw();
        holdToLimits();
        if (now() < killAt) return undefined;
      }
      const left = family.isLeft(group);
      if (left && now() >= killAt) {
        // Standing still, it makes no more of itself.
        family.freeze(group);
        family.signal(group, 'SIGKILL');
      }
      if (ended === undefined || left || !(drained || now() - ended.at > 2000)) return undefined;
      look();
      if (limits.diskBytes !== undefined && wish === undefined && !disk.final) {
        weigh(true);
        return undefined;
      }
      const { code, signal, at, message } = ended;
      const why = wishAtEnd() ?? { reason: message === undefined ? 'exited' : 'not_spawned' };
      return {
        exitCode: code, signal, endedAt: at, ...why, message, pausedMs, cpuMs: used.cpuMs, memoryPeakBytes,
        ...(why.reason === 'exited' ? { machineLacked: machineLacked(code, signal) } : {}),
      };
    };

    return { stop, tick };
  };
}
