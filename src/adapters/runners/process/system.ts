import type * as fileSystem from 'node:fs';

/** Which process, and which incarnation of its pid. */
export interface ProcessRef {
  readonly pid: number;
  /** Boot id and start time on Linux; empty elsewhere. */
  readonly incarnation: string;
}

/** A process as /proc shows it. `ticks`: processor time of its own and of children it waited for, in 1/100 s. */
export interface Seen {
  readonly pid: number;
  readonly dead: boolean;
  /** Runs no code: stopped by a signal, or waiting in the kernel, where a signal meets it before it goes on. */
  readonly still: boolean;
  readonly parent: number;
  readonly group: number;
  readonly start: string;
  readonly ticks: number;
  /** Pages of memory it has. */
  readonly pages: number;
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

  const look = (pid: number): Seen | undefined => {
    const text = read(`/proc/${pid}/stat`);
    if (text === '') return undefined;
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state = '', parent, group] = fields;
    return {
      pid, dead: state === 'Z' || state === 'X', still: ['T', 't', 'D'].includes(state), parent: Number(parent), group: Number(group), start: fields[19] ?? '',
      ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0), pages: Number(fields[21]),
    };
  };

  /** False when there is no such process, or it is not ours. */
  const send = (pid: number, signal: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  };

  const refer = (pid: number): ProcessRef => ({ pid, incarnation: hasProc ? `${boot}/${look(pid)?.start ?? ''}` : '' });

  const isAlive = (ref: ProcessRef): boolean => {
    if (!hasProc) return send(ref.pid, 0);
    const found = look(ref.pid);
    return found !== undefined && !found.dead && `${boot}/${found.start}` === ref.incarnation;
  };

  /**
   * The living processes of a build: by its group while that is known, by the marker, and by descent.
   * What was found once stays found, wherever it goes.
   */
  const family = (build: string) => {
    const wanted = `${marker}=${build}`;
    const ours = new Map<number, string>();
    const strangers = new Map<number, string>();

    const isOurs = ({ pid, start, group }: Seen, own: number | undefined): boolean => {
      if (ours.get(pid) === start || group === own) return true;
      if (strangers.get(pid) === start) return false;
      const environment = read(`/proc/${pid}/environ`);
      if (environment.split('\0').includes(wanted)) return true;
      // In the middle of an exec a process shows none.
      if (environment !== '') strangers.set(pid, start);
      return false;
    };

    const seen = (own: number | undefined): Seen[] => {
      if (!hasProc) return [];
      const all = new Map<number, Seen>();
      for (const pid of fs.readdirSync('/proc').map(Number)) {
        const one = pid > 1 && pid !== process.pid ? look(pid) : undefined;
        if (one !== undefined && !one.dead) all.set(pid, one);
      }
      for (const known of [ours, strangers]) for (const pid of known.keys()) if (!all.has(pid)) known.delete(pid);
      const found = new Set([...all.values()].filter((one) => isOurs(one, own)).map(({ pid }) => pid));
      for (let before = -1; before < found.size;) {
        before = found.size;
        for (const { pid, parent } of all.values()) if (found.has(parent)) found.add(pid);
      }
      const mine = [...all.values()].filter(({ pid }) => found.has(pid));
      for (const { pid, start } of mine) ours.set(pid, start);
      return mine;
    };

    const isLeft = (group: number | undefined): boolean => (hasProc ? seen(group).length > 0 : group !== undefined && send(-group, 0));

    const signal = (group: number | undefined, what: NodeJS.Signals): void => {
      // Looked at first: children of those that go now lose their parent.
      const all = seen(group);
      // As one, so that none of the group can fork in between.
      if (group !== undefined) send(-group, what);
      for (const { pid } of all) send(pid, what);
    };

    /** True when all of it stands still: one that was just forked may have missed the signal. */
    const freeze = (group: number | undefined): boolean => {
      for (let round = 0; round < 20; round++) {
        signal(group, 'SIGSTOP');
        if (seen(group).every(({ still }) => still)) return true;
      }
      return false;
    };

    return { seen, isLeft, signal, freeze };
  };

  return { read, refer, isAlive, family, send, hasProc };
}
