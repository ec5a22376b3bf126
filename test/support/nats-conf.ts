import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, errors } from '@nats-io/transport-node';

/** A private nats-server with a configuration of its own, for brokers that are not as they should be. */
export async function startNatsWith(conf: string): Promise<{ readonly address: string; stop(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-nats-'));
  const file = join(dir, 'test.conf');
  writeFileSync(file, conf);
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const child = spawn(process.env.MILLRACE_NATS_SERVER ?? 'nats-server', ['-c', file, '-a', '127.0.0.1', '-p', String(port), '-sd', dir], { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    rmSync(dir, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries++) {
    try {
      await (await connect({ servers: address, reconnect: false, timeout: 500 })).close();
      return { address, stop };
    } catch (cause) {
      if (cause instanceof errors.AuthorizationError) return { address, stop };
      if (tries > 100 || child.exitCode !== null) {
        await stop();
        throw new Error('nats-server did not start', { cause });
      }
      await pause(50);
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => { resolve(typeof address === 'object' && address !== null ? address.port : 0); });
    });
  });
}
