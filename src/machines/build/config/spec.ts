import { createHash } from 'node:crypto';
import { z } from 'zod';

const serviceSpec = z.object({ command: z.string(), ports: z.array(z.number()) });
const volumeSpec = z.object({ path: z.string(), sizeMb: z.number() });
export const addonSpec = z.object({ name: z.string(), kind: z.enum(['kv', 'objects']) });

/** One version of an app's configuration, as it stands in its entity. It never holds a secret's value. */
export const configSpec = z.object({
  /** What runs, each in the release folder. */
  services: z.record(z.string(), serviceSpec),
  /** Plain values, and who said so: the source's `file`, or `given` with a build. */
  env: z.record(z.string(), z.object({ value: z.string(), from: z.enum(['file', 'given']) })),
  /** Names whose values never pass through Millrace: whoever runs the release has them. */
  secrets: z.array(z.string()),
  required: z.array(z.string()),
  volumes: z.record(z.string(), volumeSpec),
  addons: z.array(addonSpec),
});

export type ServiceSpec = z.output<typeof serviceSpec>;
export type ConfigSpec = z.output<typeof configSpec>;

/** The same without values: what may stand in the log. */
export const configSummary = configSpec.extend({ env: z.array(z.string()) });
export type ConfigSummary = z.output<typeof configSummary>;

export const summarize = (spec: ConfigSpec): ConfigSummary => ({ ...spec, env: Object.keys(spec.env) });

/** SHA-256, hex: says that a config made again is the one that was checked. */
export const configDigest = (spec: ConfigSpec): string => createHash('sha256').update(JSON.stringify(spec)).digest('hex');
