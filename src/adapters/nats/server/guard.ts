import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Runs a command that dies with us, in plain POSIX shell. The shell holds the read end of a pipe
 * whose only writer is this process: however we end, SIGKILL included, the pipe closes, the command
 * gets SIGTERM and, when it has not gone after four seconds, SIGKILL.
 */
const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- >&2 &
server=$!
echo "$server"
exec >&-
(
  read -r _ <&3
  kill -TERM "$server" 2>/dev/null || exit 0
  for second in 1 2 3 4; do
    sleep 1
    kill -0 "$server" 2>/dev/null || exit 0
  done
  kill -KILL "$server" 2>/dev/null
) &
watcher=$!
trap 'kill -TERM "$server" 2>/dev/null' TERM INT HUP
wait "$server"
code=$?
while kill -0 "$server" 2>/dev/null; do wait "$server"; code=$?; done
kill "$watcher" 2>/dev/null
exit "$code"
`;

export interface Guarded {
  /** The command's own process, not the shell's. */
  readonly pid: number;
  /** Its exit code (128 + signal when killed), once it is gone. */
  readonly exited: Promise<number>;
  /** SIGTERM, after four seconds SIGKILL; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts `file`, its output appended to the open file `log`. It has its own session, so a terminal's Ctrl-C is ours alone. */
export async function spawnGuarded(file: string, args: readonly string[], options: { cwd: string; log: number }): Promise<Guarded> {
  const shell = spawn('/bin/sh', ['-c', GUARD, 'millrace-guard', file, ...args],
    { cwd: options.cwd, detached: true, stdio: ['pipe', 'pipe', options.log] });
  const exited = exitOf(shell);
  shell.stdin?.on('error', () => undefined);
  exited.catch(() => undefined);
  const pid = await firstLine(shell).catch(async (cause: unknown) => { await exited; throw cause; });
  return {
    pid, exited,
    stop: async () => {
      shell.stdin?.destroy();
      await exited;
      // Only when somebody killed the shell does the server outlive it; its watcher is then at work.
      while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

async function firstLine(shell: ChildProcess): Promise<number> {
  if (shell.stdout === null) throw new Error('the guard shell has no output');
  for await (const line of createInterface(shell.stdout)) return Number(line);
  throw new Error('the guard shell ended before it started the server');
}

function exitOf(shell: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    shell.once('error', reject);
    shell.once('exit', (code, signal) => { resolve(code ?? (signal === null ? 1 : 137)); });
  });
}

/** Whether a process exists, ours or another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
