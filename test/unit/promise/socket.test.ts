import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createServer, request, type IncomingMessage } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { promiseDesk, type Asked, type Desk } from '../../../src/adapters/job/desk.ts';
import { jobEnvironment } from '../../../src/adapters/job/environment.ts';
import { jobKey, type JobKey } from '../../../src/adapters/job/key.ts';
import { programFolder, socketPath } from '../../../src/adapters/job/places.ts';
import { promiseFailure } from '../../../src/adapters/job/promise-failure.ts';
import { jobSocket } from '../../../src/adapters/job/socket.ts';
import { claimsIn, makeToken, readToken } from '../../../src/adapters/job/token.ts';
import { leftOf } from '../../../src/cli/commands/promise-failure.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { eventually } from '../../support/broker.ts';

let dataDir: string;
let key: JobKey;
let path: string;
const open: { close(): void }[] = [];
const warnings: string[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-socket-'));
  key = jobKey(dataDir, {});
  path = socketPath(dataDir);
  warnings.length = 0;
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const yes = (asked: Asked[] = []): Desk => promiseDesk({ declare: async (one) => { asked.push(one); return true; }, verdict: async () => ({ verdict: 'accepted' }) }, systemClock);
const never: Desk = promiseDesk({ declare: () => new Promise(() => undefined), verdict: () => new Promise(() => undefined) }, systemClock);
function serve(desk: Desk) {
  const socket = jobSocket({ path, desk, key, watchMs: 20, warn: (message) => warnings.push(message) });
  open.push(socket);
  return socket;
}
const jobOf = async (build = 'run/b1'): Promise<Record<string, string>> => ({ ...await jobEnvironment({ key, prefix: 'millrace', socket: path })(build), MILLRACE_BUILD: build });
const promise = async (deadlineMs = 10_000, env?: Record<string, string>) => promiseFailure({ exitStatus: 3, deadlineMs, env: env ?? await jobOf() });

async function post(body: string, token: string, route = '/v1/promise-failure'): Promise<{ status: number | undefined; answer: unknown }> {
  const call = request({ socketPath: path, path: route, method: 'POST', agent: false, headers: { authorization: `Bearer ${token}` } });
  call.end(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => { call.once('response', resolve).once('error', reject); });
  return { status: response.statusCode, answer: JSON.parse(await text(response)) as unknown };
}

describe('the jobs\' socket', () => {
  it('given a worker, when a job promises, then it is answered, and only the credential says for which build', async () => {
    const asked: Asked[] = [];
    serve(yes(asked));
    expect(await promise()).toEqual({ outcome: 'declared', accepted: true });
    expect(await promise()).toEqual({ outcome: 'debounced', accepted: true });
    expect(asked).toEqual([{ build: 'run/b1', exitStatus: 3 }]);
  });

  it.each([
    ['half an object', '{'], ['a list', '[]'], ['status 0', '{"exitStatus":0}'], ['status 256', '{"exitStatus":256}'], ['a status in quotes', '{"exitStatus":"1"}'], ['half a status', '{"exitStatus":1.5}'],
    ['a reason that is no text', '{"exitStatus":1,"reason":5}'], ['a deadline in the past', '{"exitStatus":1,"deadlineMs":-1}'], ['a reason as long as a book', `{"exitStatus":1,"reason":"${'x'.repeat(300_000)}"}`],
  ])('given a question with %s, then the answer says what is wrong with it', async (_what, body) => {
    serve(yes());
    await eventually(() => existsNow(path));
    const { MILLRACE_JOB_TOKEN: token = '' } = await jobOf();
    expect(await post(body, token)).toMatchObject({ status: 400, answer: { error: { code: 'bad_promise', hint: expect.any(String) } } });
  });

  it('given no credential, one of another worker, or an old one, then nobody is asked', async () => {
    const asked: Asked[] = [];
    serve(yes(asked));
    await eventually(() => existsNow(path));
    const other = jobKey(mkdtempSync(join(dataDir, 'other-')), {});
    const claims = { build: 'run/b1', prefix: 'millrace', expires: Date.now() + 60_000 };
    for (const token of ['', 'x', makeToken(other, claims), makeToken(key, { ...claims, expires: Date.now() - 1 })]) {
      expect(await post('{"exitStatus":1}', token)).toMatchObject({ status: 401, answer: { error: { code: 'bad_credential' } } });
    }
    expect((await post('{"exitStatus":1}', makeToken(key, claims), '/v1/other')).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('given a promise that is not settled, when the deadline comes, then the caller hears that it is not known', async () => {
    serve(never);
    const began = performance.now();
    expect(await promise(200)).toMatchObject({ outcome: 'unknown', accepted: false });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('given a caller\'s deadline, when a worker is asked, then it is to answer sooner, so that its words arrive in time', async () => {
    const deadlines: number[] = [];
    serve({ ask: async (_asked, deadlineMs) => { deadlines.push(deadlineMs); return { outcome: 'declared', accepted: true }; }, close: () => undefined });
    await promise(10_000);
    await promise(500);
    expect(deadlines).toHaveLength(2);
    expect(deadlines[0]).toBeLessThanOrEqual(9_900);
    expect(deadlines[1]).toBeLessThanOrEqual(450);
  });

  it('given a process that took its time to start, when it calls, then the deadline has run since it was called, and enough is left to ask', () => {
    expect([leftOf(2_000, 300), leftOf(2_000, 1_950), leftOf(2_000, 5_000), leftOf(100, 90)]).toEqual([1_700, 200, 200, 100]);
  });

  it('given two workers, when the one that answers is gone, then the other takes the socket, and a third that starts later leaves it alone', async () => {
    const [first, second]: Asked[][] = [[], []];
    const one = serve(yes(first));
    await eventually(() => existsNow(path));
    serve(yes(second));
    await eventually(() => readdirSync(join(path, '..')).filter((name) => name.startsWith('w')).length === 2);
    await promise();
    expect([first?.length, second?.length]).toEqual([1, 0]);
    one.close();
    expect(await promise()).toMatchObject({ accepted: true });
    expect(second).toHaveLength(1);
    const inode = statSync(path).ino;
    const third: Asked[] = [];
    serve(yes(third));
    await eventually(() => readdirSync(join(path, '..')).filter((name) => name.startsWith('w')).length === 2);
    await promise();
    expect([statSync(path).ino, third]).toEqual([inode, []]);
  });

  it('given a socket that a killed worker left behind, when a worker starts, then it takes the name', async () => {
    mkdirSync(join(path, '..'), { mode: 0o700 });
    writeFileSync(path, '');
    writeFileSync(join(path, '..', 'w1-1.sock'), '');
    serve(yes());
    expect(await promise()).toMatchObject({ accepted: true });
    expect(existsNow(join(path, '..', 'w1-1.sock'))).toBe(false);
  });

  it('given a folder that others may enter, when a worker starts, then it offers no socket there and says so', async () => {
    mkdirSync(join(path, '..'));
    chmodSync(join(path, '..'), 0o755);
    serve(yes());
    await eventually(() => warnings.length > 0);
    expect(warnings[0]).toContain('open to others');
    expect(existsNow(path)).toBe(false);
  });

  it('given nobody at all, when the deadline comes, then the caller hears that no worker answered', async () => {
    expect(await promise(200)).toMatchObject({ outcome: 'unknown', message: expect.stringContaining('no worker answered') });
  });

  it.each(['null', '7', '[]', '{}', '"yes"', '{"accepted":true}', '{"outcome":"sure","accepted":true}', '<html>all well</html>', '{"outcome":"declared","acc'])('given somebody on the socket who answers %s, when the deadline comes, then that was no answer', async (body) => {
    mkdirSync(join(path, '..'), { mode: 0o700 });
    const stranger = createServer((_request, response) => { response.end(body); }).listen(path);
    open.push(stranger);
    await eventually(() => existsNow(path));
    expect(await promise(150)).toMatchObject({ outcome: 'unknown', accepted: false, message: expect.stringContaining('no worker answered') });
  });

  it('given somebody on the socket who hangs up, then talks and never ends, when the deadline comes, then the caller hears by then that it is not known', async () => {
    mkdirSync(join(path, '..'), { mode: 0o700 });
    let calls = 0;
    const stranger = createRawServer((socket) => {
      socket.on('error', () => undefined);
      if (++calls === 1) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\n\r\n{"outcome":');
    }).listen(path);
    open.push(stranger);
    await eventually(() => existsNow(path));
    const began = performance.now();
    expect(await promise(400)).toMatchObject({ outcome: 'unknown' });
    expect(calls).toBe(2);
    expect(performance.now() - began).toBeLessThan(1_400);
  });

  it('given a deadline longer than any timer, when a worker answers, then the caller waits for that answer', async () => {
    serve(yes());
    expect(await promise(1e12)).toEqual({ outcome: 'declared', accepted: true });
  });

  it('given an environment that is none of a build, then that is said at once', async () => {
    await expect(promise(1_000, {})).rejects.toMatchObject({ code: 'not_in_a_build' });
    await expect(promise(1_000, { MILLRACE_BUILD: 'run/b1' })).rejects.toMatchObject({ code: 'not_in_a_build' });
    await expect(promise(1_000, { ...await jobOf('run/b2'), MILLRACE_BUILD: 'run/b1' })).rejects.toMatchObject({ code: 'bad_credential' });
  });
});

describe('what a job gets', () => {
  it('given a data folder, then the socket is in a folder of its own, and near where the path would be too long', () => {
    expect(socketPath('/data')).toBe('/data/jobs/jobs.sock');
    const long = socketPath(`/${'deep/'.repeat(30)}`);
    expect(Buffer.byteLength(long)).toBeLessThan(100);
    expect(long).not.toBe(socketPath(`/${'deep/'.repeat(31)}`));
  });

  it('given a data folder, then its key is made once, for its owner only, and one that is named must be one', () => {
    expect(jobKey(dataDir, {}).publicKey).toBe(key.publicKey);
    expect(statSync(join(dataDir, 'keys', 'jobs.seed')).mode & 0o777).toBe(0o600);
    for (const content of ['', 'SUnothing', 'x']) {
      writeFileSync(join(dataDir, 'bad'), content);
      expect(() => jobKey(dataDir, { MILLRACE_JOB_KEY: join(dataDir, 'bad') })).toThrow(expect.objectContaining({ code: 'bad_job_key' }));
    }
    expect(() => jobKey(dataDir, { MILLRACE_JOB_KEY: join(dataDir, 'missing') })).toThrow(expect.objectContaining({ code: 'bad_job_key' }));
  });

  it('given a credential, then it says its build, whoever reads it, and nobody can change what it says', () => {
    const token = makeToken(key, { build: 'run/b1', prefix: 'millrace', expires: 5_000 });
    expect(readToken(key, token, 4_999)).toEqual({ build: 'run/b1', prefix: 'millrace', expires: 5_000 });
    expect(() => readToken(key, token, 5_000)).toThrow(expect.objectContaining({ code: 'bad_credential' }));
    const [kind = '', , signature = ''] = token.split('.');
    const changed = [kind, Buffer.from(JSON.stringify({ build: 'run/b2', prefix: 'millrace', expires: 5_000 })).toString('base64url'), signature].join('.');
    expect(claimsIn(changed)?.build).toBe('run/b2');
    expect(() => readToken(key, changed, 0)).toThrow(expect.objectContaining({ code: 'bad_credential' }));
    for (const bad of ['', 'a.b.c', `${token}.x`, token.slice(0, -4)]) expect(() => readToken(key, bad, 0)).toThrow(expect.objectContaining({ code: 'bad_credential' }));
  });

  it('given a folder with a quote in its name, then the program for the PATH is one that a shell can run', () => {
    const folder = programFolder(join(dataDir, 'it\'s here'), { main: join(dataDir, 'ma\'in.js'), promise: join(dataDir, 'promise.js') });
    writeFileSync(join(dataDir, 'ma\'in.js'), 'console.log(process.argv.slice(2).join())');
    expect(execFileSync(join(folder, 'millrace'), ['ls', 'a b'], { encoding: 'utf8' })).toBe('ls,a b\n');
  });
});

const existsNow = (file: string): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;
