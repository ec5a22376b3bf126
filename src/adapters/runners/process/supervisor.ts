import type * as fileSystem from 'node:fs';
import type { Exit, SideEnd } from './exit.ts';
import type { Order, SideOrder } from './order.ts';
import type { Printer } from './printer.ts';
import type { RunningSide } from './side.ts';
import type { SystemTools } from './system.ts';

/** What the supervisor uses, handed in because its source text runs as a program of its own. */
export interface SupervisorTools {
  readonly fs: typeof fileSystem;
  readonly system: SystemTools;
  readonly printer: (order: Order, now: () => number) => Printer;
  readonly start: (order: Order, side: SideOrder, printer: Printer, changed: () => void) => RunningSide;
}

/**
 * Run one build's command, for its base and its head, and outlive the worker: a process of its own, which
 * knows the build's folder and nothing else. Self-contained on purpose: see `program.ts`.
 */
export function supervise({ fs, system, printer, start }: SupervisorTools, order: Order): void {
  const { folder, sides, verdict, graceMs } = order;
  const now = (): number => Math.round(performance.timeOrigin + performance.now());

  const store = (path: string, value: unknown, once: boolean): void => {
    const staged = `${path}.${process.pid}`;
    const fd = fs.openSync(staged, 'w', 0o600);
    fs.writeSync(fd, JSON.stringify(value));
    fs.fsyncSync(fd);
    fs.closeSync(fd);
    if (!once) return fs.renameSync(staged, path);
    try {
      fs.linkSync(staged, path);
    } finally {
      fs.unlinkSync(staged);
    }
  };

  try {
    store(folder.started, { ...system.refer(process.pid), at: now() }, true);
  } catch {
    return; // another supervisor has the build
  }

  let running: RunningSide | undefined;
  process.on('uncaughtException', (error) => {
    // Without its supervisor nobody would ever end the build.
    system.family(order.build).signal(undefined, 'SIGKILL');
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });

  const startedAt = now();
  const out = printer(order, now);
  const say = (text: string): void => out.print('millrace', text);
  let turn = 0;
  let pausedMs = 0;
  let cpuMs = 0;
  let memoryPeakBytes = 0;
  let base: Exit['base'] = verdict !== undefined && sides[0]?.side === 'head' ? 'cached' : undefined;

  const cancelled = (): 'cancelled' | 'interrupted' | undefined => {
    try {
      return JSON.parse(fs.readFileSync(folder.cancel, 'utf8')) === 'interrupted' ? 'interrupted' : 'cancelled';
    } catch {
      return undefined;
    }
  };

  const finish = (end: SideEnd): void => {
    try {
      out.sync();
      const exit: Exit = {
        ...end, side: sides[turn]?.side ?? 'head', startedAt, outputCut: out.isCut(), base,
        pausedMs: pausedMs + end.pausedMs, cpuMs: cpuMs + end.cpuMs, memoryPeakBytes: Math.max(memoryPeakBytes, end.memoryPeakBytes),
      };
      store(folder.exit, exit, false);
    } catch {
      if (fs.existsSync(folder.path)) return; // a full disk: the next tick tries again
    }
    process.exit(0);
  };

  const begin = (): void => {
    const side = sides[turn];
    const early = cancelled();
    if (side === undefined || early !== undefined) {
      return finish({ exitCode: null, signal: null, endedAt: now(), reason: early ?? 'not_spawned', pausedMs: 0, cpuMs: 0, memoryPeakBytes: 0 });
    }
    if (sides.length > 1) say(turn === 0 ? 'building the base alone' : 'the base is good: building the head on it');
    running = start(order, side, out, tick);
  };

  /** The base is good: say so to other builds, and go on with the head, unless the build is to stand still. */
  const goOn = (end: SideEnd): void => {
    if (fs.existsSync(folder.pause) && cancelled() === undefined) return fs.writeFileSync(folder.paused, '');
    fs.rmSync(folder.paused, { force: true });
    base = 'passed';
    pausedMs += end.pausedMs;
    cpuMs += end.cpuMs;
    memoryPeakBytes = Math.max(memoryPeakBytes, end.memoryPeakBytes);
    noteBase(end);
    // Room for the head. What cannot be removed is, with the rest, at the end.
    fs.rm(folder.base, { recursive: true, force: true }, () => undefined);
    turn++;
    begin();
  };

  const noteBase = ({ endedAt }: SideEnd): void => {
    try {
      if (verdict !== undefined) store(verdict.path, { key: verdict.key, build: folder.id, at: endedAt }, false);
    } catch { /* it is built once more for the next one */ }
  };

  const tick = (): void => {
    const asked = cancelled();
    if (asked !== undefined) running?.stop({ reason: asked }, graceMs);
    // Nobody can ever ask for this build again.
    if (!fs.existsSync(folder.path)) running?.stop({ reason: 'interrupted' }, 0);
    const end = running?.tick();
    if (end === undefined) return;
    const isGood = end.reason === 'exited' && end.exitCode === 0;
    if (isGood && turn + 1 < sides.length) return goOn(end);
    if (isGood && sides[turn]?.side === 'base') noteBase(end);
    finish(end);
  };

  process.on('SIGTERM', () => running?.stop({ reason: 'interrupted' }, graceMs));
  process.on('SIGINT', () => running?.stop({ reason: 'interrupted' }, graceMs));
  if (order.note !== undefined) say(order.note);
  begin();
  setInterval(tick, 100);
}
