import type { Definition } from './definition.ts';
import { TerminalError } from './errors.ts';
import type { MachineStamp } from './record.ts';

/** @throws TerminalError `definition_differs`, naming both. */
export function sameStamp({ stamp }: Definition, other: MachineStamp, what: string): void {
  if (other.hash === stamp.hash && other.name === stamp.name && other.version === stamp.version) return;
  throw new TerminalError('definition_differs', `${what} was made by ${shown(other)}, and this is ${shown(stamp)}`, {
    hint: 'run a worker that carries the definition it was made by',
  });
}

const shown = ({ name, version, hash }: MachineStamp): string => `${name} ${version} (${hash.slice(0, 12)})`;
