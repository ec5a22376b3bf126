import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/adapters/nats/server/guard.ts';
import { startServer } from '../../src/adapters/nats/server/launch.ts';
import { compiled } from '../support/compiled.ts';

let dataDir: string;
let parent: ChildProcess | undefined;
beforeEach(() => { dataDir = mkdtempSync(join(tmpdir(), 'millrace-parent-')); });
afterEach(() => {
  if (parent?.exitCode === null) parent.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** Another process that starts a server and then does nothing. */
async function parentWithServer(): Promise<{ url: string; pid: number; parent: ChildProcess }> {
  const launch = pathToFileURL(await compiled('src/adapters/nats/server/launch.js')).href;
  const program = `import { startServer } from ${JSON.stringify(launch)};
    const { url, pid } = await startServer({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(JSON.stringify({ url, pid }));`;
  parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (parent.stdout === null) throw new Error('no output');
  for await (const line of createInterface(parent.stdout)) return { ...JSON.parse(line) as { url: string; pid: number }, parent };
  throw new Error('the parent ended before its server ran');
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

describe('a nats-server and the process that started it', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'given an acknowledged message, when the parent is ended by %s, then the server is gone within 2 s and the next start has the message', async (signal) => {
      const first = await parentWithServer();
      const nc = await connect({ servers: first.url });
      await (await jetstreamManager(nc)).streams.add({ name: 'kept', subjects: ['kept'] });
      await jetstream(nc).publish('kept', 'still here');
      await nc.close();

      first.parent.kill(signal);
      await once(first.parent, 'exit');
      expect(await goneWithin(first.pid, 2_000)).toBe(true);

      const next = await startServer({ dataDir });
      const again = await connect({ servers: next.url });
      const stored = await (await jetstreamManager(again)).streams.getMessage('kept', { seq: 1 });
      expect(stored?.string()).toBe('still here');
      await again.close();
      await next.stop();
    });

  it('given the parent has just been killed, when another process starts at once, then it waits for the old server instead of refusing', async () => {
    const first = await parentWithServer();
    first.parent.kill('SIGKILL');
    await once(first.parent, 'exit');
    const next = await startServer({ dataDir });
    expect(isAlive(first.pid)).toBe(false);
    await next.stop();
  });
});
