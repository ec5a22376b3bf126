import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../../../machines/run/runner.ts';
import type { RunFolder, StoredRequest } from '../process/folder.ts';

/** Which changes a container has: those of the base alone, or all of them. */
export type Side = 'base' | 'head';

/**
 * One of a build's containers, with the files that are its own. A build without a base has one, for the
 * head; with a base the base alone comes first, and the head's only once that is known to be good.
 */
export interface Place extends RunFolder {
  readonly side: Side;
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

export function placeOf(folder: RunFolder, { base, head }: StoredRequest, side: Side): Place {
  const names = { side, container: containerName(folder.id, side), tag: imageTag(folder.id, side) };
  if (side === 'head') return { ...folder, ...names, changes: [...base, ...head], asked: base.length === 0 ? folder.request : passedFile(folder) };
  const own = (name: string): string => join(folder.path, `base-${name}`);
  return { ...folder, ...names, changes: base, work: own('work'), started: own('started.json'), exit: own('exit.json'), asked: folder.request };
}

/** Where the build is: at its base until that is known to be good. */
export const currentPlace = (folder: RunFolder, request: StoredRequest): Place =>
  placeOf(folder, request, request.base.length > 0 && !existsSync(passedFile(folder)) ? 'base' : 'head');
