import { z } from 'zod';
import { envName, token } from '../values.ts';

const stackNames = ['node', 'go', 'python', 'rust', 'make', 'dockerfile', 'static'] as const;

const command = z.string().trim().min(1, 'A command must not be empty.');

/** One value of `[env]`. */
const envEntry = z.union([
  z.string(),
  z.strictObject({ secret: z.literal(true) }),
  z.strictObject({ required: z.literal(true) }),
], { error: 'Must be "text" (numbers in quotes too), { secret = true } or { required = true }.' });

/** `millrace.toml`. Unknown keys are errors: a misspelt setting must not be ignored. */
export const projectFile = z.strictObject({
  build: z.strictObject({
    stack: z.enum(stackNames).optional(),
    command: command.optional(),
    artifact: z.string().optional(),
    timeout_seconds: z.int().min(1).max(86_400).optional(),
  }).default({}),
  services: z.record(token, z.strictObject({ command, ports: z.array(z.number()).default([]) })).default({}),
  env: z.record(envName, envEntry).default({}),
  volumes: z.record(token, z.strictObject({ path: z.string(), size_mb: z.number() })).default({}),
  addons: z.record(token, z.enum(['kv', 'objects'])).default({}),
});

export type ProjectFile = z.output<typeof projectFile>;
export type StackName = (typeof stackNames)[number];
