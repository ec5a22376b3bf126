import { spawn, type ChildProcess } from 'node:child_process';
import { compiled } from '../compiled.ts';

/** A real worker process, to be killed. */
export interface WorkerProcess {
  readonly pid: number;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and wait until it is gone. */
  stop(): Promise<void>;
}

let main: Promise<string> | undefined;

/** Start `millrace worker` on the compiled code; resolves when it carries its machines. Compiled once: every worker of a test file runs the same code. */
export async function startWorker(url: string, dataDir: string, env: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
  main ??= compiled('src/cli/main.js');
  const child = spawn(process.execPath, [await main, 'worker', '-o', 'json'], {
    env: { ...process.env, NATS_URL: url, MILLRACE_DATA: dataDir, MILLRACE_ACK_WAIT_MS: '600', MILLRACE_PIN_TIMEOUT_MS: '400', MILLRACE_LOG: 'error', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await ready(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  };
  return { pid: child.pid ?? 0, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code} before it was ready`)));
  });
}
