import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock. */
export interface Owner {
  readonly pid: number;
  /** When the process started, as its system says it: a pid alone may be another process by now. */
  readonly started: string;
  readonly host: string;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A lock of another machine cannot be asked after: nobody holds one for longer than this. */
const foreignMs = 60_000;

const ours = new Set<string>();

export function newOwner(): Owner {
  const token = randomUUID();
  ours.add(token);
  return { pid: process.pid, started: startOf(process.pid), host: hostname(), token, at: Date.now() };
}

export const retire = (owner: Owner): void => void ours.delete(owner.token);

export function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return Date.now() - owner.at < foreignMs;
  if (owner.pid === process.pid && owner.started === startOf(process.pid)) return ours.has(owner.token);
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startOf(owner.pid) === owner.started;
}

/** The 22nd field of /proc/<pid>/stat; empty where there is no such thing. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
