import { createHash } from 'node:crypto';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Blobs } from '../../../machines/build/ports.ts';
import type { BuildId, BuildRunner, Metadata } from '../../../machines/run/runner.ts';
import { tinyArchive } from './archive.ts';

/**
 * Succeeds at once and runs nothing: for dry runs and tests of everything around a build. The
 * artifact is `metadata.artifact` when that is a digest, else a tiny archive in `blobs`. It keeps
 * nothing: the build's id carries the metadata, so every worker knows every build.
 */
export function noopRunner({ blobs }: { readonly blobs: Blobs }): BuildRunner {
  return {
    name: 'noop',
    trigger: async ({ idempotencyKey, metadata }) => encode(idempotencyKey, metadata),
    status: async (id) => {
      const { artifact, ...metadata } = decode(id);
      const path: Metadata = artifact === undefined || isDigest(artifact) ? {} : { artifactPath: artifact };
      const digest = artifact !== undefined && isDigest(artifact) ? artifact : (await blobs.put(tinyArchive())).digest;
      return { status: 'succeeded', metadata: { ...metadata, ...path, artifact: digest, durationMs: '0', exitCode: '0' } };
    },
    cancel: async (id) => void decode(id),
  };
}

const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

const sha = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

function encode(key: string, metadata: Metadata): BuildId {
  const carried = Buffer.from(JSON.stringify(metadata)).toString('base64url');
  const named = `${sha(key)}_${carried}`;
  return `noop_${sha(named)}_${named}` as BuildId;
}

function decode(id: BuildId): Metadata {
  const [, check, key, carried] = /^noop_([0-9a-f]{16})_([0-9a-f]{16})_([\w-]+)$/.exec(id) ?? [];
  if (carried === undefined || sha(`${key}_${carried}`) !== check) {
    throw new TerminalError('unknown_build', `the noop runner has no build "${id}"`, { hint: 'use an id that its trigger returned' });
  }
  return JSON.parse(Buffer.from(carried, 'base64url').toString()) as Metadata;
}
