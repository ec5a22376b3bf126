import { z } from 'zod';

/** An app's name: part of file names, links and NATS subjects, so that it is the same everywhere. */
export const appName = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/,
  'An app name is 1 to 63 of a-z, 0-9, - and _, and starts with a letter or a digit.');

/** One NATS subject token. */
export const token = z.string().regex(/^[A-Za-z0-9_-]{1,63}$/, 'A name is 1 to 63 of a-z, A-Z, 0-9, - and _.');

export const digest = z.string().regex(/^[0-9a-f]{64}$/, 'A digest is the SHA-256 of the bytes: 64 of 0-9 and a-f.');

export const envName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/,
  'An environment name is letters, digits and _, and does not start with a digit.');

/** Where the build's own entities are kept: `Entities` kinds. */
export const kinds = { app: 'app', config: 'config', version: 'version', takenBack: 'taken-back' } as const;

export const versionId = (app: string, version: string): string => `${app}-${version}`;
export const configId = (app: string, version: string): string => `${app}-${version}-cfg`;

/** The same records in the same order give the same JSON text. */
export function sorted<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
