import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { TerminalError } from '../../../kernel/errors.ts';

/**
 * A free loopback port below the ephemeral range: a port from that range could be taken by any
 * outgoing connection while the server restarts, even by a client's own attempt to reconnect to it.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new TerminalError('no_free_port', 'found no free port between 20000 and 32000', { hint: 'name one with --port' });
}

/** Whether 127.0.0.1 has nobody listening on `port`. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => { resolve(false); });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => { server.close(() => { resolve(true); }); });
  });
}
