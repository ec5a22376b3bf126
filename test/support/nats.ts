import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';

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
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  let child = await launch(dir, port, url);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url, dir, kill,
    restart: async () => { await kill(); child = await launch(dir, port, url); },
    stop: async () => { await kill(); rmSync(dir, { recursive: true, force: true }); },
  };
}

async function launch(dir: string, port: number, url: string): Promise<ChildProcess> {
  const bin = process.env.MILLRACE_NATS_SERVER ?? 'nats-server';
  const child = spawn(bin, ['-c', 'nats.conf', '-a', '127.0.0.1', '-p', String(port), '-sd', dir], { stdio: 'ignore' });
  for (let tries = 0; ; tries++) {
    try {
      const nc = await connect({ servers: url, reconnect: false, timeout: 500 });
      await nc.close();
      return child;
    } catch (cause) {
      if (tries > 100 || child.exitCode !== null) throw new Error(`nats-server did not start on ${url}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
