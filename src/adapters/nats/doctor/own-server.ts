import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runningServer } from '../server/claim.ts';
import type { ServerFacts } from './facts.ts';

/**
 * The server of a data folder, when it is the one named `name`: nobody need be asked, its log says
 * which configuration it runs with. undefined when it is another server, or the file was changed since.
 */
export function ownServer(dataDir: string, name: string): ServerFacts | undefined {
  if (name === '' || runningServer(dataDir)?.name !== name) return undefined;
  const conf = confInUse(join(dataDir, 'nats-server.log'));
  if (conf === undefined) return undefined;
  return { id: name, name, jetstream: { syncAlways: syncsAlways(conf), syncMs: undefined, stored: undefined, room: undefined } };
}

/** As nats-server reads it: `sync_interval` or `sync`, with or without `:` or `=`. */
export function syncsAlways(conf: string): boolean {
  const bare = conf.replace(/(#|\/\/).*$/gm, '');
  return /(^|[\s{,;])["']?sync(_interval)?["']?\s*[:=\s]\s*["']?always\b/i.test(bare);
}

function confInUse(log: string): string | undefined {
  try {
    const [, path, digest] = [...readFileSync(log, 'utf8').matchAll(/Using configuration file: (.+) \(sha256:([0-9a-f]{64})\)/g)].at(-1) ?? [];
    const conf = readFileSync(path ?? '');
    return createHash('sha256').update(conf).digest('hex') === digest ? conf.toString() : undefined;
  } catch {
    return undefined;
  }
}
