import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../../../machines/run/runner.ts';
import type { RunFolder, StoredRequest } from '../process/folder.ts';

/** Which changes a container has: those of the base alone, or all of them. */
export type Side = 'base' | 'head';

/**
 * One of a build's containers, with the files that are its own. A build with both a base and a head has two:
 * the base alone comes first, and the head's only once that is known to be good.
 */
export interface Place extends RunFolder {
  readonly side: Side;
  /** Whose changes are to blame when it goes wrong. */
  readonly blamed: Side;
  readonly changes: readonly Change[];
  /** Whoever gives a container this name has this part of the build; it is given once all is in it. */
  readonly container: string;
  /** Of the image that is made when there is a Dockerfile. */
  readonly tag: string;
  /** Since this file is there, this part is wanted. */
  readonly asked: string;
}

export const sides: readonly Side[] = ['base', 'head'];

/** That the base is good, and how long it stood still, ms. Written once. */
export const passedFile = (folder: RunFolder): string => join(folder.path, 'base.json');

const suffix = { base: '-base', head: '' } as const;

export const containerName = (id: string, side: Side = 'head'): string => `millrace-${id}${suffix[side]}`;
export const imageTag = (id: string, side: Side = 'head'): string => `millrace-build:${id}${suffix[side]}`;

/** The base alone is verified first. Without a head that is the build itself. */
export const hasBase = ({ base, head }: StoredRequest): boolean => base.length > 0 && head.length > 0;

export function placeOf(folder: RunFolder, request: StoredRequest, side: Side): Place {
  const { base, head } = request;
  const names = { side, container: containerName(folder.id, side), tag: imageTag(folder.id, side) };
  if (side === 'head') {
    const blamed = base.length > 0 && head.length === 0 ? 'base' : 'head';
    return { ...folder, ...names, blamed, changes: [...base, ...head], asked: hasBase(request) ? passedFile(folder) : folder.request };
  }
  const own = (name: string): string => join(folder.path, `base-${name}`);
  return { ...folder, ...names, blamed: 'base', changes: base, work: own('work'), started: own('started.json'), exit: own('exit.json'), asked: folder.request };
}

/** Where the build is: at its base until that is known to be good. */
export const currentPlace = (folder: RunFolder, request: StoredRequest): Place =>
  placeOf(folder, request, hasBase(request) && !existsSync(passedFile(folder)) ? 'base' : 'head');
