import { fork } from 'node:child_process';
import { interrupt } from '../interrupt.ts';
import type { Member } from './crew.ts';

/** This very command line once more, as one worker process. It ends by itself when this process is gone. */
export function forkWorker(args: readonly string[]): Member {
  const child = fork(process.argv[1] ?? '', [...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    pid: child.pid,
    ready: new Promise((resolve) => { child.once('message', () => resolve()); }),
    gone: new Promise((resolve) => {
      child.once('exit', (code) => { resolve(code ?? undefined); });
      child.once('error', () => { resolve(undefined); });
    }),
    end: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** To the crew that started this process, if one did: it carries its machines. Ends this process when the crew is gone. */
export function reportReady(): void {
  if (process.send === undefined) return;
  process.once('disconnect', interrupt);
  process.send('ready');
}

/** The same words without `--processes` and its number. */
export function withoutProcesses(words: readonly string[]): string[] {
  const left: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--processes') at++;
    else if (!word.startsWith('--processes=')) left.push(word);
  }
  return left;
}
