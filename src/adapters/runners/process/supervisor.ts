import type * as childProcess from 'node:child_process';
import type * as fileSystem from 'node:fs';
import type * as decoder from 'node:string_decoder';
import type { Order } from './order.ts';
import type { SystemTools } from './system.ts';

/** How a build's processes ended, in `exit.json`. Times in ms since the epoch. */
export interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly startedAt: number;
  readonly endedAt: number;
  /** `exited` by itself; the others are why it was stopped, or never ran. */
  readonly reason: 'exited' | 'timeout' | 'cancelled' | 'interrupted' | 'not_spawned';
  readonly message?: string;
  /** Output beyond the limit was dropped. */
  readonly outputCut: boolean;
}

/** Modules the supervisor uses, handed in because its source text runs as a program of its own. */
export interface SupervisorTools {
  readonly fs: typeof fileSystem;
  readonly spawn: typeof childProcess.spawn;
  readonly StringDecoder: typeof decoder.StringDecoder;
  readonly system: SystemTools;
}

/**
 * Run one build's command and outlive the worker: a process of its own, which knows the build's folder
 * and nothing else. Self-contained on purpose: see `program.ts`.
 */
export function supervise({ fs, spawn, StringDecoder, system }: SupervisorTools, order: Order): void {
  const { folder } = order;
  const tickMs = 100;
  const maxLine = 16_384;
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

  /** The build's process group, once there is one. */
  const build: { group?: number | undefined } = {};
  process.on('uncaughtException', (error) => {
    // Without its supervisor nobody would ever end the build.
    system.signalAll(order.build, build.group, 'SIGKILL');
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });

  const startedAt = now();
  const log = fs.openSync(folder.log, 'a', 0o600);
  let written = 0;
  let cut = false;
  const print = (source: string, text: string): void => {
    if (cut) return;
    written += Buffer.byteLength(text) + 1;
    cut = written > order.maxOutputBytes;
    const line = cut ? { at: now(), source: 'millrace', text: `output cut after ${order.maxOutputBytes} bytes` } : { at: now(), source, text };
    try {
      fs.writeSync(log, `${JSON.stringify(line)}\n`);
    } catch {
      cut = true; // a full disk must not take the build's watcher down
    }
  };

  let wish: Exit['reason'] | undefined;
  let ended: { code: number | null; signal: string | null; at: number; message?: string } | undefined;
  let drained = false;
  let killAt = Infinity;

  const finish = (): void => {
    try {
      fs.fsyncSync(log);
      const exit: Exit = {
        exitCode: ended?.code ?? null, signal: ended?.signal ?? null, startedAt, endedAt: ended?.at ?? now(),
        reason: wish ?? (ended?.message === undefined ? 'exited' : 'not_spawned'),
        ...(ended?.message === undefined ? {} : { message: ended.message }), outputCut: cut,
      };
      store(folder.exit, exit, false);
    } catch {
      if (fs.existsSync(folder.path)) return; // a full disk: the next tick tries again
    }
    process.exit(0);
  };

  const stop = (why: Exit['reason'], graceMs: number): void => {
    if (wish !== undefined || ended !== undefined) return;
    wish = why;
    killAt = now() + graceMs;
    system.signalAll(order.build, build.group, 'SIGTERM');
  };

  const readWish = (): Exit['reason'] | undefined => {
    try {
      return JSON.parse(fs.readFileSync(folder.cancel, 'utf8')) === 'interrupted' ? 'interrupted' : 'cancelled';
    } catch {
      return undefined;
    }
  };

  const tick = (): void => {
    const asked = readWish();
    if (asked !== undefined) stop(asked, order.graceMs);
    if (now() - startedAt >= order.timeoutMs) stop('timeout', order.graceMs);
    if (!fs.existsSync(folder.path)) {
      stop('interrupted', 0); // nobody can ever ask for this build again
      killAt = 0;
    }
    if (ended === undefined && now() < killAt) return;
    const left = system.members(order.build, build.group);
    if (left.length > 0 && now() >= killAt) system.signalAll(order.build, build.group, 'SIGKILL');
    if (ended !== undefined && left.length === 0 && (drained || now() - ended.at > 2000)) finish();
  };

  const early = readWish();
  if (early !== undefined) {
    wish = early;
    return finish();
  }

  const child = spawn('sh', ['-c', order.command], { cwd: folder.work, env: order.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  build.group = child.pid;
  if (child.pid !== undefined) store(folder.child, system.refer(child.pid), false);

  const follow = (source: string, stream: NodeJS.ReadableStream): void => {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    const take = (text: string, last: boolean): void => {
      const lines = (rest + text).split('\n');
      rest = last ? '' : (lines.pop() ?? '');
      if (last && lines.at(-1) === '') lines.pop();
      if (rest.length > maxLine) {
        lines.push(rest);
        rest = '';
      }
      for (const line of lines) {
        for (let from = 0; from === 0 || from < line.length; from += maxLine) print(source, line.slice(from, from + maxLine).replace(/\r$/, ''));
      }
    };
    stream.on('data', (chunk: Buffer) => take(decoder.write(chunk), false));
    stream.on('end', () => take(decoder.end(), true));
    stream.on('error', () => take(decoder.end(), true));
  };
  follow('stdout', child.stdout);
  follow('stderr', child.stderr);

  child.on('error', (error) => {
    ended ??= { code: null, signal: null, at: now(), message: error.message };
    drained = true;
    tick();
  });
  child.on('exit', (code, signal) => {
    ended ??= { code, signal, at: now() };
    // What a finished command leaves behind is not part of the build; a stopped one's children keep their grace.
    if (wish === undefined) killAt = 0;
    tick();
  });
  child.on('close', () => {
    drained = true;
    tick();
  });
  process.on('SIGTERM', () => stop('interrupted', order.graceMs));
  process.on('SIGINT', () => stop('interrupted', order.graceMs));
  setInterval(tick, tickMs);
}
