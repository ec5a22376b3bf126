import { z } from 'zod';
import { parseActor } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import { safeReason } from './reason.ts';

export const exitStatus = z.int().min(1).max(255);
export const runName = z.string().regex(/^run\/[A-Za-z0-9_-]+$/, 'name the build\'s run, as run/b42');
/** Whatever way a reason comes, it is stored without secrets. */
export const reason = z.string().transform((text) => safeReason(text));

/** What creates a promise. */
export const promiseInput = z.strictObject({ build: runName, exitStatus, reason: reason.optional() });
export type PromiseInput = z.output<typeof promiseInput>;

/** The one actor of a build and an exit status: `promise/b42-1` for `run/b42` and 1. */
export const promiseActor = ({ build, exitStatus: status }: Pick<PromiseInput, 'build' | 'exitStatus'>): ActorName =>
  parseActor(`promise/${build.slice('run/'.length)}-${status}`).actor;
