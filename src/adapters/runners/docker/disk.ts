import type { ContainerInspectInfo } from 'dockerode';
import type Docker from 'dockerode';
import { ask, must } from './engine.ts';

/** Measures what containers have written. Few storage drivers can limit that; every engine can tell it. */
export interface DiskMeter {
  /** True when the container holds more than `most` bytes. Measured at most once in a while, unless `now`. @throws as `ask`. */
  isOver(name: string, most: number | undefined, now?: 'now'): Promise<boolean>;
  forget(name: string): void;
}

/** The engine walks the container's files for an answer: not too often. */
export function diskMeter(docker: Docker, everyMs: number): DiskMeter {
  const measured = new Map<string, number>();
  return {
    async isOver(name, most, now) {
      const last = measured.get(name) ?? -Infinity;
      if (most === undefined || (now === undefined && performance.now() - last < everyMs)) return false;
      const answer = await ask('measure a container', () => docker.getContainer(name).inspect(withSize));
      measured.set(name, performance.now());
      if (!answer.ok && answer.status === 404) return false;
      const { SizeRw = 0 } = must('measure a container', answer) as ContainerInspectInfo & { readonly SizeRw?: number };
      return SizeRw > most;
    },
    forget: (name) => void measured.delete(name),
  };
}

/** A parameter of the API that dockerode passes on and its types do not know. */
const withSize = { size: true } as object;

/** Refused because this engine's storage driver cannot limit a container's size. */
export const noDiskLimit = (message: string): boolean => /storage-opt|quota/i.test(message);
