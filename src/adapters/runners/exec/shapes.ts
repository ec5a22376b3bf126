import { z } from 'zod';
import type { RunStatus } from '../../../machines/run/runner.ts';

const statuses: readonly RunStatus[] = ['unknown', 'accepted', 'running', 'succeeded', 'failed', 'cancelled'];
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const generation = z.int().positive();
const measure = { percent: z.number().optional(), message: z.string().optional() };

export const idPattern = /^[\w-]{1,200}$/;

/** What a program answers to each verb; more than this is ignored. */
export const triggered = z.object({ id: z.string().regex(idPattern, 'an id is 1 to 200 letters, digits, _ and -') });
export const sampled = z.object({
  // A word of a later version is none to fail on: the poll goes on.
  status: z.string().transform((word) => statuses.find((one) => one === word) ?? 'unknown'),
  metadata: z.record(z.string(), text).default({}),
  progress: z.object(measure).optional(),
});
export const done = z.looseObject({});
export const started = z.object({ generation });
export const progressed = z.object({ generation, state: z.enum(['waiting', 'running', 'stopped', 'ended']), ...measure });

/** Without the keys that are not there. */
export const present = <T extends object>(all: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
