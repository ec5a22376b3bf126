import type { WorkerEntry } from '../../adapters/nats/workers/entry.ts';
import { workers } from '../../adapters/nats/workers/list.ts';
import { withMillrace, type Globals } from '../globals.ts';
import { jsonLine, line, table, time } from '../print.ts';

/** `millrace ls --workers`: who is there, what it carries, which partitions it serves. */
export async function listWorkers(globals: Globals): Promise<void> {
  const found = await withMillrace(globals, ({ broker }) => workers(broker).list());
  if (globals.output === 'json') jsonLine(found.map(asJson));
  else if (found.length === 0) line('no workers');
  else table(['WORKER', 'HOST', 'PID', 'SINCE', 'SERVES'], found.map((one) => [one.id, one.host, String(one.pid), time(one.startedAt), served(one)]));
}

const asJson = ({ id, host, pid, machines, serves, finishes, startedAt, concurrency }: WorkerEntry): object =>
  ({ worker: id, host, pid, machines, serves, finishes, concurrency: concurrency ?? null, startedAt: time(startedAt) });

/** `build 1 0-4,9; run 1 none`: machine, version, partitions. */
const served = ({ machines, serves }: WorkerEntry): string =>
  machines.map(({ name, version }) => `${name} ${version} ${ranges(serves[name] ?? [])}`).join('; ');

/** `0-4,9` for 0, 1, 2, 3, 4, 9. */
export function ranges(numbers: readonly number[]): string {
  const found: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && number === last.to + 1) last.to = number;
    else found.push({ from: number, to: number });
  }
  return found.length === 0 ? 'none' : found.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
