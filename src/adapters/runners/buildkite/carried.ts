import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../kernel/canonical.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import type { Metadata, TriggerRequest } from '../../../machines/run/runner.ts';
import type { Build } from './build.ts';

/** What a build carries of its trigger, in Buildkite's own meta-data, where a pipeline's steps read it too. */
export const keyName = 'millrace_key';
const requestName = 'millrace_request';
const metadataName = 'millrace_metadata';

const fingerprint = ({ base, head, metadata }: TriggerRequest): string =>
  createHash('sha256').update(canonicalJson({ base, head, metadata })).digest('hex');

/** The body of a create. @throws TerminalError `bad_metadata`. */
export function bodyOf(request: TriggerRequest): object {
  const { base, head, metadata, idempotencyKey } = request;
  const env = Object.entries(metadata).filter(([key]) => key.startsWith('env.')).map(([key, value]) => [nameOf(key), value]);
  return {
    commit: metadata.commit ?? 'HEAD',
    branch: metadata.branch ?? 'main',
    message: metadata.message ?? `Millrace ${idempotencyKey}`,
    env: Object.fromEntries(env),
    meta_data: {
      [keyName]: idempotencyKey, [requestName]: fingerprint(request), [metadataName]: JSON.stringify(metadata),
      millrace_base: JSON.stringify(base), millrace_head: JSON.stringify(head),
    },
  };
}

function nameOf(key: string): string {
  const name = key.slice('env.'.length);
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw new TerminalError('bad_metadata', `"${key}" does not name an environment variable.`, { hint: 'Use env.NAME with letters, digits and _.' });
}

/** The metadata of the trigger; what cannot be read any more is none. */
export function givenIn({ meta_data: carried }: Build): Metadata {
  try {
    const given: unknown = JSON.parse(String(carried[metadataName]));
    const entries = Object.entries(given as Record<string, unknown>).filter(([, value]) => typeof value === 'string');
    return Object.fromEntries(entries) as Metadata;
  } catch {
    return {};
  }
}

/** A key that comes again with another request is not a retry. @throws TerminalError `key_reused`. */
export function requireSameRequest(found: Build, request: TriggerRequest): void {
  const first = found.meta_data[requestName];
  if (first === undefined || first === fingerprint(request)) return;
  throw new TerminalError('key_reused', `Build ${found.number} was started by another request under the same key.`, { hint: 'Use a new id for a new build.' });
}
