import type * as fileSystem from 'node:fs';

/** Which process, and which incarnation of its pid. */
export interface ProcessRef {
  readonly pid: number;
  /** Boot id and start time on Linux; empty elsewhere. */
  readonly incarnation: string;
}

export type SystemTools = ReturnType<typeof systemTools>;

/** Environment variable every process of a build inherits: how those that left its group are found. */
export const buildMarker = 'MILLRACE_BUILD_ID';

/**
 * Look at and signal processes. Self-contained on purpose: its source text is also part of the
 * supervisor's program, so it may use nothing but its parameters and globals.
 */
export function systemTools(fs: Pick<typeof fileSystem, 'readFileSync' | 'readdirSync'>, marker: string) {
  const read = (path: string): string => {
    try {
      return fs.readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  const boot = read('/proc/sys/kernel/random/boot_id').trim();
  const hasProc = read('/proc/self/stat') !== '';

  const stat = (pid: number): { dead: boolean; group: number; start: string } | undefined => {
    const text = read(`/proc/${pid}/stat`);
    if (text === '') return undefined;
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { dead: fields[0] === 'Z' || fields[0] === 'X', group: Number(fields[2]), start: fields[19] ?? '' };
  };

  /** False when there is no such process, or it is not ours. */
  const send = (pid: number, signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  };

  const refer = (pid: number): ProcessRef => ({ pid, incarnation: hasProc ? `${boot}/${stat(pid)?.start ?? ''}` : '' });

  const isAlive = (ref: ProcessRef): boolean => {
    if (!hasProc) return send(ref.pid, 0);
    const found = stat(ref.pid);
    return found !== undefined && !found.dead && `${boot}/${found.start}` === ref.incarnation;
  };

  /** Living processes of the build: by group while that is known to be the build's, and by the marker. */
  const members = (build: string, group: number | undefined): number[] => {
    if (!hasProc) return group !== undefined && send(-group, 0) ? [-group] : [];
    const wanted = `${marker}=${build}`;
    return fs.readdirSync('/proc').map(Number).filter((pid) => {
      if (!(pid > 1) || pid === process.pid) return false;
      const found = stat(pid);
      if (found === undefined || found.dead) return false;
      return found.group === group || read(`/proc/${pid}/environ`).split('\0').includes(wanted);
    });
  };

  const signalAll = (build: string, group: number | undefined, signal: NodeJS.Signals): void => {
    if (group !== undefined) send(-group, signal);
    for (const pid of members(build, group)) send(pid, signal);
  };

  return { refer, isAlive, members, signalAll, send, hasProc };
}
