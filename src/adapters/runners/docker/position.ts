import type { ActorName } from '../../../kernel/record.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import { readJson } from '../process/files.ts';
import type { RunFolder } from '../process/folder.ts';

/** An entry of a container's log. */
export interface Moment {
  /** The engine's; empty at the beginning. */
  readonly time: string;
  /** Its place among those of the same time. */
  readonly index: number;
}

/** How far a container's log was carried. */
export interface Position extends Moment {
  readonly bytes: number;
  /** Output beyond the limit is dropped, and that was said. */
  readonly cut: boolean;
}

export const beginning: Position = { time: '', index: 0, bytes: 0, cut: false };

/** The same line has the same id to every worker: the engine's own time for it. */
export const lineId = ({ id }: RunFolder, { time, index }: Moment): string => `${id}:${time}/${index}`;
export const cutId = ({ id }: RunFolder): string => `${id}:cut`;

/** Behind the last line known to be published: by our own note, or by what is stored, whichever is further. */
export async function resumeAt(folder: RunFolder, actor: ActorName, output: BuildOutput): Promise<Position> {
  const noted = (await readJson<Position>(folder.published)) ?? beginning;
  const last = await output.last(actor);
  if (last === cutId(folder)) return { ...noted, cut: true };
  const [, time, index] = last?.startsWith(`${folder.id}:`) === true ? (/:(\d{4}-[^/]+)\/(\d+)$/.exec(last) ?? []) : [];
  if (time === undefined || !isAfter({ time, index: Number(index) }, noted)) return noted;
  return { ...noted, time, index: Number(index) };
}

/** Times end in Z and have all their digits or fewer, so they compare by their nanoseconds. */
export function isAfter(one: Moment, other: Moment): boolean {
  const [a, b] = [comparable(one.time), comparable(other.time)];
  return a === b ? one.index > other.index : a > b;
}

export const isSame = (one: Moment, other: Moment): boolean => comparable(one.time) === comparable(other.time) && one.index === other.index;

function comparable(time: string): string {
  const [whole = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return `${whole}.${fraction.padEnd(9, '0')}`;
}
