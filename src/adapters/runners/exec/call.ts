import { spawn } from 'node:child_process';

export interface CallOptions {
  readonly command: readonly string[];
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** From the start to the end of the process, ms; then its group is killed. */
  readonly timeoutMs: number;
  /** More than this on stdout is no answer; its group is killed. */
  readonly maxOutputBytes: number;
}

/** How one process ended. `stderr` is its last words. */
export interface Called {
  readonly how: 'exited' | 'signal' | 'timeout' | 'too_large' | 'not_spawned';
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The signal's name, or why it could not be spawned. */
  readonly detail?: string;
}

const keptStderr = 16_384;
/** What it left running may hold its pipes open for ever. */
const drainMs = 500;

/** Run a program once: `input` on stdin, then its end. It leads a session and a group of its own; what it leaves running lives on. */
export function call({ command: [program = '', ...args], cwd, env, timeoutMs, maxOutputBytes }: CallOptions, input: string): Promise<Called> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: { ...env }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    let size = 0;
    let stderr: Buffer = Buffer.alloc(0);
    let stopped: 'timeout' | 'too_large' | undefined;
    let drain: NodeJS.Timeout | undefined;
    const stop = (why: 'timeout' | 'too_large'): void => {
      stopped ??= why;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const limit = setTimeout(() => stop('timeout'), timeoutMs);

    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxOutputBytes) stop('too_large'); else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => { stderr = Buffer.concat([stderr, chunk]).subarray(-keptStderr); });
    // It need not read what it is told.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);

    const finish = (called: Pick<Called, 'how' | 'exitCode' | 'detail'>): void => {
      clearTimeout(limit);
      clearTimeout(drain);
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
      resolve({ ...called, stdout: Buffer.concat(stdout).toString('utf8'), stderr: stderr.toString('utf8').trim() });
    };
    const ended = (exitCode: number | null, signal: string | null): void => {
      if (stopped !== undefined) return finish({ how: stopped, exitCode });
      finish(signal === null ? { how: 'exited', exitCode } : { how: 'signal', exitCode, detail: signal });
    };
    child.once('error', (error: NodeJS.ErrnoException) => finish({ how: 'not_spawned', exitCode: null, detail: error.code ?? error.message }));
    child.once('exit', (code, signal) => {
      // The limit was for the program, which has ended: what it left running is not to be killed.
      clearTimeout(limit);
      drain = setTimeout(() => ended(code, signal), drainMs);
    });
    child.once('close', (code, signal) => { if (child.pid !== undefined) ended(code, signal); });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It went by itself in the meantime.
  }
}
