import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { BuildId, Change, Metadata } from '../../../machines/run/runner.ts';

/** Where the builds of one data folder live. */
export const runsFolder = (dataDir: string): string => join(dataDir, 'runs');

/** The same key, the same build, in every worker. */
export const buildIdOf = (key: string): BuildId => createHash('sha256').update(key).digest('hex').slice(0, 32) as BuildId;

export const isBuildId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

/** One build's folder. `result` and `started` stay for ever, the rest until the result is stored. */
export interface RunFolder {
  readonly id: BuildId;
  /** What its processes carry. Of this folder alone: builds of other data folders may have the same id. */
  readonly mark: string;
  readonly path: string;
  /** {@link StoredRequest}; there from the moment the folder is. */
  readonly request: string;
  /** The supervisor's program. Its order is told, never written down. */
  readonly program: string;
  /** Work, home and temp of the base alone, where it is built by itself first. */
  readonly base: string;
  readonly work: string;
  readonly home: string;
  readonly temp: string;
  /** Who supervises the build. Whoever creates it is the only one. */
  readonly started: string;
  /** The process group, for platforms without /proc. */
  readonly child: string;
  /** Its being there is the wish; its content is why. */
  readonly cancel: string;
  /** While it is there the build is to stand still. */
  readonly pause: string;
  /** While it is there the build does. */
  readonly paused: string;
  readonly log: string;
  /** Offset in `log` up to which lines were published. */
  readonly published: string;
  readonly exit: string;
  readonly result: string;
}

export interface StoredRequest {
  readonly base: readonly Change[];
  readonly head: readonly Change[];
  readonly metadata: Metadata;
}

export function runFolder(dataDir: string, id: BuildId): RunFolder {
  const path = join(runsFolder(dataDir), id);
  return {
    id, path, mark: `${id}@${createHash('sha256').update(resolve(path)).digest('hex').slice(0, 16)}`,
    request: join(path, 'request.json'), program: join(path, 'supervisor.cjs'),
    base: join(path, 'base'), work: join(path, 'work'), home: join(path, 'home'), temp: join(path, 'tmp'),
    started: join(path, 'started.json'), child: join(path, 'child.json'), cancel: join(path, 'cancel'), pause: join(path, 'pause'), paused: join(path, 'paused'),
    log: join(path, 'output.log'), published: join(path, 'published'), exit: join(path, 'exit.json'), result: join(path, 'result.json'),
  };
}
