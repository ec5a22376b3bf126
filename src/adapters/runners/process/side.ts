import type * as childProcess from 'node:child_process';
import type * as fileSystem from 'node:fs';
import type { SideEnd } from './exit.ts';
import type { Limiter, Wish } from './limiter.ts';
import type { Order, SideOrder } from './order.ts';
import type { Printer } from './printer.ts';
import type { Seen, SystemTools } from './system.ts';

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
  readonly limiter: (order: Order, side: SideOrder, seen: () => readonly Seen[]) => Limiter;
}

/** Starts and watches one side's command; `changed` asks for a tick. Self-contained on purpose: see `program.ts`. */
export function sideTools({ fs, spawn, system, limiter }: Tools) {
  const now = (): number => Math.round(performance.timeOrigin + performance.now());

  /** The kernel's own killer is to take a build before anything else; and what outlives its supervisor still meets a limit. */
  const prelude = ({ cpuSeconds, diskBytes }: Order['limits']): string => [
    'echo 500 > /proc/self/oom_score_adj',
    ...(cpuSeconds === undefined ? [] : [`ulimit -t ${cpuSeconds + 2}`]),
    ...(diskBytes === undefined ? [] : [`ulimit -f ${Math.ceil(diskBytes / 512)}`]),
  ].map((line) => `{ ${line}; } 2>/dev/null\n`).join('');

  return (order: Order, side: SideOrder, { follow }: Printer, changed: () => void): RunningSide => {
    const { folder, limits, graceMs } = order;
    const family = system.family(order.build);
    let ended: { code: number | null; signal: string | null; at: number; message?: string } | undefined;
    let drained = false;
    let wish: Wish | undefined;
    let killAt = Infinity;
    let frozen = false;
    let last = now();
    let ranMs = 0;
    let pausedMs = 0;

    const child = spawn('sh', ['-c', `${prelude(limits)}exec sh -c "$1"`, 'sh', order.command], {
      cwd: side.work, env: { HOME: side.home, TMPDIR: side.temp, ...order.env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const group = child.pid;
    const limit = limiter(order, side, () => family.seen(group));
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
      changed();
    });
    child.on('exit', (code, signal) => {
      ended ??= { code, signal, at: now() };
      // What a finished command leaves behind is not part of the build; a stopped one's children keep their grace.
      if (wish === undefined) killAt = 0;
      changed();
    });
    child.on('close', () => {
      drained = true;
      changed();
    });

    const stop = (why: Wish, withinMs: number): void => {
      killAt = Math.min(killAt, now() + withinMs);
      if (wish !== undefined || ended !== undefined) return;
      wish = why;
      if (withinMs > 0) family.signal(group, 'SIGTERM');
      // What stands still hears nothing.
      if (frozen) family.signal(group, 'SIGCONT');
      frozen = false;
    };

    const freezeOrThaw = (): void => {
      if (wish !== undefined) return;
      if (fs.existsSync(folder.pause)) {
        frozen = true;
        if (family.freeze(group) && !fs.existsSync(folder.paused)) fs.writeFileSync(folder.paused, '');
      } else if (frozen) {
        fs.rmSync(folder.paused, { force: true });
        family.signal(group, 'SIGCONT');
        frozen = false;
      }
    };

    const whileItRuns = (): void => {
      const passed = now() - last;
      last += passed;
      if (frozen) pausedMs += passed;
      else ranMs += passed;
      freezeOrThaw();
      const over = limit.over(ranMs);
      if (over !== undefined) stop(over.wish, over.graceful ? graceMs : 0);
    };

    const endOf = ({ code, signal, at, message }: NonNullable<typeof ended>, over: Wish | undefined): SideEnd => {
      const facts = { exitCode: code, signal, endedAt: at, message, pausedMs, ...limit.used() };
      if (over !== undefined) return { ...facts, ...over };
      return message === undefined ? { ...facts, reason: 'exited', machineLacked: limit.machineLacked(code, signal) } : { ...facts, reason: 'not_spawned' };
    };

    const tick = (): SideEnd | undefined => {
      if (ended === undefined) {
        whileItRuns();
        if (now() < killAt) return undefined;
      }
      const left = family.isLeft(group);
      if (left && now() >= killAt) {
        // Standing still, it makes no more of itself.
        family.freeze(group);
        family.signal(group, 'SIGKILL');
      }
      if (ended === undefined || left || !(drained || now() - ended.at > 2000)) return undefined;
      const weighed = wish === undefined ? limit.atEnd(changed) : { wish };
      return weighed === undefined ? undefined : endOf(ended, weighed.wish);
    };

    return { stop, tick };
  };
}
