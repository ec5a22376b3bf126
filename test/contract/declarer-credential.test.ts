import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectNats, headers, type NatsConnection } from '@nats-io/transport-node';
import { createAccount } from '@nats-io/nkeys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerCallouts } from '../../src/adapters/job/callout.ts';
import { promiseDesk, type Asked } from '../../src/adapters/job/desk.ts';
import { jobKey, type JobKey } from '../../src/adapters/job/key.ts';
import { answerRequests } from '../../src/adapters/job/requests.ts';
import { makeToken } from '../../src/adapters/job/token.ts';
import { startServer, type RunningServer } from '../../src/adapters/nats/server/launch.ts';
import { connect, type Millrace } from '../../src/connect.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { eventually } from '../support/broker.ts';

// Figure 4, against the real server: what a job's credential can and cannot do.
let dataDir: string;
let key: JobKey;
let server: RunningServer;
let millrace: Millrace;
let job: NatsConnection;
const closing: (() => void)[] = [];
const asked: Asked[] = [];
const inbox = '_JOB.millrace.r1';
const token = (build = 'run/r1', expires = Date.now() + 60_000): string => makeToken(key, { build, prefix: 'millrace', expires });
const enter = (pass: string, inboxPrefix = inbox): Promise<NatsConnection> =>
  connectNats({ servers: server.url, user: 'run/r1', pass, inboxPrefix, reconnect: false, timeout: 5_000 });

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-credential-'));
  key = jobKey(dataDir, {});
  server = await startServer({ dataDir, jobIssuer: key.publicKey });
  millrace = await connect({ servers: server.url });
  const { nc } = millrace.broker;
  const desk = promiseDesk({
    declare: async (one) => { asked.push(one); return true; },
    verdict: async () => ({ verdict: 'accepted' }),
  }, systemClock);
  closing.push(answerCallouts(nc, { key }), answerRequests(nc, 'millrace', desk));
  await nc.flush();
  job = await enter(token());
});
afterAll(async () => {
  await job.close();
  for (const close of closing) close();
  await millrace.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** What everybody who may see all has seen, until `marker` comes. */
async function seenBy(act: () => void | Promise<void>): Promise<readonly string[]> {
  const seen: string[] = [];
  const subscription = millrace.broker.nc.subscribe('>', { callback: (_error, { subject }) => { seen.push(subject); } });
  await millrace.broker.nc.flush();
  await act();
  await job.flush();
  millrace.broker.nc.publish('marker');
  await eventually(() => seen.includes('marker'));
  subscription.unsubscribe();
  return seen.filter((subject) => subject !== 'marker');
}

const question = JSON.stringify({ exitStatus: 3, deadlineMs: 5_000 });

describe('a job\'s credential at the real server', () => {
  test('given a job, when it promises for its own build, then it is answered', async () => {
    const answer = await job.request('millrace.promise.r1', question, { timeout: 5_000 });
    expect(answer.json()).toEqual({ outcome: 'declared', accepted: true });
    expect(asked).toEqual([{ build: 'run/r1', exitStatus: 3 }]);
  });

  test.each([
    'millrace.promise.r2', 'millrace.promise.r1.more', 'millrace.cmd.run.r1.promise', 'millrace.cmd.run.r1.cancel', 'millrace.cmd.run.r2.promise',
    'millrace.cmd.promise.r1-3.declare', 'millrace.cmd.build.b1.cancel', 'millrace.evt.run.r1', 'millrace.timer.run.r1.deadline', 'millrace.dead.run.r1',
    'millrace.output.run.r2', 'millrace.status.run.r1', '$KV.millrace_board.run.r1', '$JS.API.INFO', '$JS.API.STREAM.MSG.GET.MILLRACE_EVENTS',
    '$JS.API.DIRECT.GET.MILLRACE_EVENTS', '$JS.API.CONSUMER.CREATE.MILLRACE_EVENTS', '$JS.API.STREAM.PURGE.MILLRACE_COMMANDS', '$SYS.REQ.USER.AUTH', '$SYS.REQ.SERVER.PING', '_JOB.millrace.r2.x', '_INBOX.x',
  ])('given a job, when it publishes on %s, then the server stops it', async (subject) => {
    expect(await seenBy(() => { job.publish(subject, question); })).toEqual([]);
    await expect(job.request(subject, question, { timeout: 1_000 })).rejects.toThrow(/permission/i);
  });

  test.each(['>', 'millrace.>', 'millrace.evt.>', 'millrace.evt.run.r2', 'millrace.promise.r1', 'millrace.output.run.r1', '_INBOX.>', '_JOB.>', '_JOB.millrace.r2.>', '$SYS.>', '$JS.EVENT.>'])('given a job, when it listens on %s, then the server stops it', async (subject) => {
    const refused = new Promise<string>((resolve) => { job.subscribe(subject, { callback: (error) => resolve(error?.message ?? 'it heard something') }); });
    expect(await refused).toMatch(/Permissions Violation/);
  });

  test('given a job that names a command as the place for its answer, when it promises, then the worker does not carry the answer there', async () => {
    for (const reply of ['millrace.cmd.run.r2.cancel', '_INBOX.somebody', '_JOB.millrace.r2.x', '_JOB.millrace.r1']) {
      const seen = await seenBy(async () => {
        job.publish('millrace.promise.r1', question, { reply });
        await job.flush();
        // Two round trips through the desk: an answer would have been sent by then.
        await job.request('millrace.promise.r1', question, { timeout: 5_000 });
      });
      expect(seen).not.toContain(reply);
    }
  });

  test('given a job that dresses its question as a schedule, when it asks, then nothing is stored and nothing fires', async () => {
    const dressed = headers();
    dressed.set('Nats-Schedule', `@at ${new Date(Date.now() + 100).toISOString()}`);
    dressed.set('Nats-Schedule-Target', 'millrace.cmd.run.r2.cancel');
    dressed.set('Millrace-Reply', 'millrace.cmd.run.r2.cancel');
    await job.request('millrace.promise.r1', question, { timeout: 5_000, headers: dressed });
    expect((await millrace.broker.jsm.streams.info('MILLRACE_COMMANDS')).state.messages).toBe(0);
  });

  test('given tokens that are forged, of another key, of another build, or too old, when they are brought, then nobody is let in, or only as far as they say', async () => {
    const other = { pair: createAccount(), publicKey: '' };
    const claims = Buffer.from(JSON.stringify({ build: 'run/r2', prefix: 'millrace', expires: Date.now() + 60_000 })).toString('base64url');
    const forged = token().split('.').map((part, index) => (index === 1 ? claims : part)).join('.');
    for (const bad of [forged, makeToken(other, { build: 'run/r1', prefix: 'millrace', expires: Date.now() + 60_000 }), token('run/r1', Date.now() - 1), '', 'x', `${token()}x`]) {
      await expect(enter(bad)).rejects.toThrow(/Authorization/);
    }
    const second = await enter(token('run/r2'), '_JOB.millrace.r2');
    await expect(second.request('millrace.promise.r1', question, { timeout: 1_000 })).rejects.toThrow(/permission/i);
    await second.close();
  });

  test('given a credential that runs out, when its time has come, then the server ends the connection', async () => {
    const short = await enter(token('run/r1', Date.now() + 2_000));
    const why = await short.closed();
    expect(String(why)).toMatch(/expired/i);
  });

  test('given somebody without any credential, when they connect, then everything is as before', async () => {
    const anonymous = await connectNats({ servers: server.url });
    const heard = new Promise<string>((resolve) => { anonymous.subscribe('millrace.status.>', { max: 1, callback: (_error, message) => resolve(message.subject) }); });
    await anonymous.flush();
    anonymous.publish('millrace.status.run.r9', '{}');
    expect(await heard).toBe('millrace.status.run.r9');
    expect((await anonymous.request('$JS.API.INFO')).json()).toHaveProperty('streams');
    await anonymous.close();
  });

  test('given the data folder, then the seed and the configuration are their owner\'s alone, and the server\'s log holds no token', () => {
    for (const file of ['keys/jobs.seed', 'nats-server.conf']) expect(statSync(join(dataDir, file)).mode & 0o077).toBe(0);
    expect(statSync(join(dataDir, 'keys')).mode & 0o077).toBe(0);
    const log = readFileSync(join(dataDir, 'nats-server.log'), 'utf8');
    expect(log).toMatch(/Violation/);
    expect(log).not.toMatch(/mrj1\./);
    expect(log).not.toContain(readFileSync(join(dataDir, 'keys/jobs.seed'), 'utf8').trim());
  });
});
