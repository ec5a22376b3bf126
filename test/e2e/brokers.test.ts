import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit.ts';
import { followActor } from '../../src/cli/follow.ts';
import { connect as connectMill } from '../../src/connect.ts';
import { readOnlyMachines } from '../../src/read-only-machines.ts';
import { eventually } from '../support/broker.ts';
import { begin, run, type CliResult } from '../support/cli.ts';
import { writeProject } from '../support/build/source.ts';
import { startNatsWith } from '../support/nats-conf.ts';
import { startNats } from '../support/nats.ts';
import { create } from '../unit/kernel/support/drive.ts';

// Many real processes, on machines that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'millrace-e2e-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const on = (url: string, ...args: string[]): Promise<CliResult> => run([...args, '-o', 'json'], { env: { NATS_URL: url, MILLRACE_DATA: join(folder, 'none') } });

describe('given a broker that is not as it should be', () => {
  test('when nothing listens there, then it is away: exit 4, and how to start one', async () => {
    const { code, error } = await on('nats://127.0.0.1:1', 'ls');
    expect(code).toBe(4);
    expect(error).toMatchObject({ code: 'broker_gone', retryable: true, hint: expect.stringContaining('millrace dev') as string });
  });

  test('when it runs without JetStream, then that is said', async () => {
    const nats = await startNatsWith('');
    try {
      const { code, error } = await on(nats.address, 'ls');
      expect([code, error?.code]).toEqual([2, 'no_jetstream']);
    } finally {
      await nats.stop();
    }
  });

  test('when it is older than 2.14, then it is refused with both versions', async () => {
    const server = await oldServer('2.9.0');
    try {
      const { code, error } = await on(addressOf(server), 'ls');
      expect([code, error?.code]).toEqual([2, 'server_too_old']);
      expect(error?.message).toMatch(/2\.9\.0.*2\.14/);
    } finally {
      server.close();
    }
  });

  test('when it asks who we are, then the address or the environment tells it, and no secret is printed', async () => {
    const nats = await startNatsWith('jetstream: {}\naccounts: { A: { jetstream: enabled, users: [\n{ user: mill, password: "s3cret@x" }\n{ user: reader, password: "s3cret", permissions: { publish: ["$JS.API.INFO"] } }\n] } }');
    try {
      const [inUrl, inEnv, nobody, wrong, reader] = await Promise.all([
        on(`nats://mill:s3cret%40x@${nats.address}`, 'ls'),
        run(['ls', '-o', 'json'], { env: { NATS_URL: nats.address, NATS_USER: 'mill', NATS_PASSWORD: 's3cret@x' } }),
        on(nats.address, 'ls'),
        on(`nats://mill:s3cret-and-wrong@${nats.address}`, 'ls'),
        on(`nats://reader:s3cret@${nats.address}`, 'ls'),
      ]);
      expect([inUrl.code, inEnv.code]).toEqual([0, 0]);
      expect([nobody, wrong, reader].map(({ code, error }) => [code, error?.code])).toEqual([[2, 'no_permission'], [2, 'no_permission'], [2, 'no_permission']]);
      const gone = await on('nats://mill:s3cret@127.0.0.1:1', 'ls');
      for (const { stdout, stderr } of [nobody, wrong, reader, gone]) expect(stdout + stderr).not.toContain('s3cret');
    } finally {
      await nats.stop();
    }
  });

  test('when it is full, then nothing is lost in silence, and it can be tried again', async () => {
    const nats = await startNatsWith('jetstream: { max_file_store: 1 }');
    try {
      const { code, error } = await on(nats.address, 'ls');
      expect([code, error?.code, error?.retryable]).toEqual([4, 'broker_full', true]);
    } finally {
      await nats.stop();
    }
  });

  test('when a stream has other settings, then the stream and the settings are named, and it is left alone', async () => {
    const nats = await startNats();
    const nc = await connect({ servers: nats.url });
    try {
      const jsm = await jetstreamManager(nc);
      await jsm.streams.add({ name: 'MILLRACE_EVENTS', subjects: ['millrace.evt.*.*'], max_age: 1e9 * 3600 });
      const { code, error } = await on(nats.url, 'ls');
      expect([code, error?.code]).toEqual([2, 'stream_differs']);
      expect(error?.message).toMatch(/MILLRACE_EVENTS.*max_age/);
      expect((await jsm.streams.info('MILLRACE_EVENTS')).config.max_age).toBe(1e9 * 3600);
    } finally {
      await nc.close();
      await nats.stop();
    }
  });

  test('when it takes only small messages, then a larger command is refused with the figures', async () => {
    const nats = await startNatsWith('max_payload: 32768\njetstream: {}');
    try {
      const { code, error } = await on(nats.address, 'send', 'build/x', 'stop', JSON.stringify({ reason: 'x'.repeat(60_000) }));
      expect([code, error?.code]).toEqual([2, 'payload_too_large']);
      expect(error?.message).toMatch(/600\d\d bytes.*32768/);
    } finally {
      await nats.stop();
    }
  });
});

test('given a build that is followed, when the broker is killed and comes back, then it is followed to its end', async () => {
  const nats = await startNats();
  const env = { NATS_URL: nats.url, MILLRACE_DATA: join(folder, 'data'), MILLRACE_ACK_WAIT_MS: '1000', MILLRACE_PIN_TIMEOUT_MS: '1000' };
  const worker = await begin(['worker'], { env });
  await worker.sees('carries build, run');
  try {
    const source = await writeProject(join(folder, 'app'), { ran: join(folder, 'ran'), seconds: 1 });
    const build = await begin(['build', source, '--app', 'app', '--id', 'b1', '-o', 'json'], { env });
    await build.sees('compiling');
    await nats.restart();
    const { code, json } = await build.ended;
    expect(json).toMatchObject({ actor: 'build/b1', status: 'completed' });
    expect(code).toBe(0);
  } finally {
    await worker.stop();
    await nats.stop();
  }
});

test('given a build that is followed, when the broker is gone for good, then that ends with exit 4, and says that the build goes on and how to look', async () => {
  const nats = await startNats();
  const millrace = await connectMill({ servers: nats.url });
  try {
    const [build] = readOnlyMachines().filter(({ stamp }) => stamp.name === 'build');
    if (build === undefined) throw new Error('there is no machine of builds');
    const { log: [created] } = create(build, { app: 'app', source: '0'.repeat(64) });
    if (created === undefined) throw new Error('there is no record');
    await millrace.log.append(created, 0);
    const records: number[] = [];
    const followed = followActor(millrace, build, created.actor, { record: ({ seq }) => { records.push(seq); }, printed: () => undefined, end: () => undefined }, new AbortController().signal, 500).catch((error: unknown) => error);
    await eventually(() => records.length > 0);
    await nats.kill();
    const error = await followed;
    expect(error).toMatchObject({ code: 'broker_gone', retryable: true, message: expect.stringContaining('build/a1 goes on by itself') as string, hint: expect.stringContaining('millrace logs -f build/a1') as string });
    expect(exitCodeOf(error)).toBe(4);
  } finally {
    await millrace.close();
    await nats.stop();
  }
});

test('given a build at work, when its worker is told to end and another starts, then the other goes on with it at once', async () => {
  const nats = await startNats();
  const env = { NATS_URL: nats.url, MILLRACE_DATA: join(folder, 'handed') };
  const first = await begin(['worker', '-o', 'json'], { env });
  await first.sees('"machines"');
  const source = await writeProject(join(folder, 'handed-app'), { ran: join(folder, 'handed-ran'), seconds: 1 });
  const build = await begin(['build', source, '--app', 'app', '--id', 'h1', '-o', 'json'], { env });
  await build.sees('compiling');
  expect((await first.stop()).code).toBe(0);
  const second = await begin(['worker'], { env });
  try {
    expect((await build.ended).json).toMatchObject({ status: 'completed' });
    const history = (await run(['history', 'build/h1', '-o', 'json'], { env })).stdout;
    expect(history).not.toContain('activity.failed');
  } finally {
    await second.stop();
    await nats.stop();
  }
});

/** Says it is a nats-server of this version, and answers pings: enough to be connected to. */
async function oldServer(version: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('data', (data) => { if (data.toString().includes('PING')) socket.write('PONG\r\n'); });
    socket.write(`INFO ${JSON.stringify({ server_id: 'OLD', version, proto: 1, headers: true, max_payload: 1048576, jetstream: true })}\r\n`);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return server;
}

function addressOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
}
