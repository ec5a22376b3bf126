import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Weight {
  /** Bytes, after a collection. */
  readonly heapUsed: number;
  readonly rss: number;
}

export interface ChildWorker {
  weigh(): Promise<Weight>;
  /** User and system time since its start, milliseconds. */
  cpuMs(): Promise<number>;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
}

/** A worker in a process of its own that takes commands. It ends with this process. */
export async function startWorker(url: string, runs = ''): Promise<ChildWorker> {
  const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [url, runs], { execArgv: ['--expose-gc'] });
  const failed = once(child, 'exit').then(([code]: unknown[]) => { throw new Error(`the worker ended with ${String(code)} before it was ready`); });
  await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => undefined);
  const ask = async <T>(what: 'weigh' | 'cpu'): Promise<T> => {
    child.send(what);
    const [answer] = await once(child, 'message') as [T];
    return answer;
  };
  return { weigh: () => ask<Weight>('weigh'), cpuMs: () => ask<number>('cpu'), kill: () => kill(child) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
