import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runningServer } from '../server/claim.ts';
import type { ServerFacts } from './facts.ts';

/**
 * The server of a data folder, when it is the one named `name`: nobody need be asked, its log says
 * which configuration it runs with. undefined when it is another server, or the file was changed since.
 */
export function ownServer(dataDir: string, name: string): ServerFacts | undefined {
  if (name === '' || runningServer(dataDir)?.name !== name) return undefined;
  const conf = confInUse(dataDir);
  if (conf === undefined) return undefined;
  return { id: name, name, jetstream: { syncAlways: syncsAlways(conf), syncMs: undefined, stored: undefined, room: undefined } };
}

/** As nats-server reads it: `sync_interval` or `sync`, with or without `:` or `=`. */
export function syncsAlways(conf: string): boolean {
  const bare = conf.replace(/(#|\/\/).*$/gm, '');
  return /(^|[\s{,;])["']?sync(_interval)?["']?\s*[:=\s]\s*["']?always\b/i.test(bare);
}

function confInUse(dataDir: string): string | undefined {
  try {
    const log = readFileSync(join(dataDir, 'nats-server.log'), 'utf8');
    const [, path = ''] = [...log.matchAll(/Using configuration file: (.+) \(sha256:/g)].at(-1) ?? [];
    // Its claim on the folder is written when the server starts; what the file has become since, it does not know.
    const started = statSync(join(dataDir, 'server.json')).mtimeMs;
    return statSync(path).mtimeMs <= started ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
