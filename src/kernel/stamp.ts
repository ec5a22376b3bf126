import type { Definition } from './definition.ts';
import { TerminalError } from './errors.ts';
import type { MachineStamp } from './record.ts';

export const isSameStamp = (one: MachineStamp, other: MachineStamp): boolean =>
  one === other || (one.hash === other.hash && one.name === other.name && one.version === other.version);

/** @throws TerminalError `definition_differs`, naming both. */
export function sameStamp({ stamp }: Definition, other: MachineStamp, what: string): void {
  if (isSameStamp(stamp, other)) return;
  throw new TerminalError('definition_differs', `${what} was made by ${stampText(other)}, and this is ${stampText(stamp)}`, { hint: hintFor(stamp, other) });
}

/** May this definition fold what that one wrote after `last`? Never back: what it has gone on with is its own. */
export function mayFollow({ stamp, resumesFrom }: Definition, last: MachineStamp | undefined, next: MachineStamp): boolean {
  if (isSameStamp(stamp, next)) return true;
  const isEarlier = next.name === stamp.name && resumesFrom.includes(next.version);
  return isEarlier && (last === undefined || !isSameStamp(stamp, last));
}

/** `booking 1 (0a1b2c3d4e5f)`. */
export const stampText = ({ name, version, hash }: MachineStamp): string => `${name} ${version} (${hash.slice(0, 12)})`;

const hintFor = (own: MachineStamp, other: MachineStamp): string => (own.name === other.name && own.version === other.version
  ? `the definition was changed and kept its version: give it another one, and run a worker that carries ${stampText(other)}`
  : `run a worker that carries ${stampText(other)}, or declare resumesFrom: ['${other.version}'] where ${own.name} ${own.version} can go on from there`);
