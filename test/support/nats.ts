import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../src/adapters/nats/server/launch.ts';

/** A private nats-server for one test file: `nats.conf`, a free loopback port, its own folder. */
export interface TestNats {
  readonly url: string;
  readonly dir: string;
  /** SIGKILL, then the same server again on the same port and folder. */
  restart(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startNats(): Promise<TestNats> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-nats-'));
  let server = await start(dir);
  const { url, port } = server;
  return {
    url, dir,
    kill: () => server.kill(),
    restart: async () => { await server.kill(); server = await start(dir, port); },
    stop: async () => { await server.kill(); rmSync(dir, { recursive: true, force: true }); },
  };
}

async function start(dataDir: string, port?: number): Promise<{ url: string; port: number; kill: () => Promise<void> }> {
  const server = await startServer({ dataDir, port });
  let gone = false;
  const mark = (): void => { gone = true; };
  server.exited.then(mark, mark);
  const kill = async (): Promise<void> => {
    if (!gone) process.kill(server.pid, 'SIGKILL');
    await server.exited;
  };
  return { url: server.url, port: server.port, kill };
}
