import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runningServer } from '../../src/adapters/nats/server/claim.ts';
import { isAlive } from '../../src/adapters/nats/server/guard.ts';
import { startServer, type RunningServer, type StartOptions } from '../../src/adapters/nats/server/launch.ts';

let dataDir: string;
let started: RunningServer[];
beforeEach(() => { dataDir = mkdtempSync(join(tmpdir(), 'millrace-server-')); started = []; });
afterEach(async () => {
  for (const server of started) await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<StartOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ dataDir, ...options });
  started.push(server);
  return server;
}

describe('the embedded nats-server', () => {
  it('given a data folder, when it is started, then it serves JetStream on loopback from that folder with the repository\'s settings', async () => {
    const server = await start();
    const nc = await connect({ servers: server.url });
    const jsm = await jetstreamManager(nc);
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
    expect(nc.info).toMatchObject({ host: '127.0.0.1', jetstream: true, max_payload: 1024 * 1024, version: server.version });
    await jsm.streams.add({ name: 'kept', subjects: ['kept'] });
    await nc.close();
    expect(readFileSync(join(dataDir, 'nats/jetstream/$G/streams/kept/meta.inf'), 'utf8')).toContain('kept');
    expect(readFileSync(join(dataDir, 'nats-server.log'), 'utf8')).toContain('Server is ready');
    expect(runningServer(dataDir)).toMatchObject({ url: server.url, pid: server.pid });
  });

  it('given it runs, when it is stopped, then the process and server.json are gone and the same folder starts again', async () => {
    const first = await start();
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    expect(runningServer(dataDir)).toBeUndefined();
    const again = await start({ port: first.port });
    expect(again.url).toBe(first.url);
  });

  it('given a server on the folder, when a second is started, then it is refused with the first one\'s pid and address', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: 'data_in_use', message: expect.stringContaining(`${first.url}, pid ${first.pid}`) as string });
    expect(isAlive(first.pid)).toBe(true);
  });

  it('given two started in the same moment, then exactly one gets the folder', async () => {
    const outcomes = await Promise.allSettled([start(), start()]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'data_in_use' } });
  });

  it('given a first one that was killed, when its pid now belongs to some other process, then the folder is free', async () => {
    const first = await start();
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const stale = JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8')) as object;
    writeFileSync(join(dataDir, 'server.json'), JSON.stringify({ ...stale, pid: process.pid }));
    const second = await start();
    expect(second.pid).not.toBe(first.pid);
  });

  it('given a port somebody else listens on, when it is asked for, then it says so', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => { resolve((other.address() as { port: number }).port); });
    });
    await expect(start({ port })).rejects.toMatchObject({ code: 'port_in_use', message: expect.stringContaining(String(port)) as string });
    await new Promise((resolve) => { other.close(resolve); });
  });

  it('given a configuration it cannot read, then the error carries the log\'s last lines and the folder is free again', async () => {
    const conf = join(dataDir, 'bad.conf');
    writeFileSync(conf, 'jetstream { sync_interval: "never ever" }\n');
    await expect(start({ conf })).rejects.toMatchObject({ code: 'nats_server_failed', message: expect.stringContaining('sync_interval') as string });
    await start();
  });
});
