import { hostname } from 'node:os';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { openBroker, type Broker, type BrokerOptions } from '../../src/adapters/nats/broker.ts';
import { natsDeadLetters } from '../../src/adapters/nats/dead.ts';
import { examine } from '../../src/adapters/nats/doctor/doctor.ts';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import { ensureStreams } from '../../src/adapters/nats/setup.ts';
import { addDoctor } from '../../src/cli/commands/doctor.ts';
import { addGlobals } from '../../src/cli/globals.ts';
import { connect } from '../../src/connect.ts';
import type { DeadLetter } from '../../src/runtime/ports/dead.ts';
import { eventually } from '../support/broker.ts';
import { accounts, look } from '../support/doctor.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { freePort, startNatsWith } from '../support/nats-conf.ts';
import { handwork, parcel } from '../unit/host/machines.ts';

let own: TestNats;
let strict: Awaited<ReturnType<typeof startNatsWith>>;
let lazy: Awaited<ReturnType<typeof startNatsWith>>;
let monitor: string;
const brokers: Broker[] = [];

async function open(options: BrokerOptions): Promise<Broker> {
  const broker = await openBroker(options);
  brokers.push(broker);
  return broker;
}
const as = (user: string, prefix: string, more: BrokerOptions = {}): Promise<Broker> => open({ servers: strict.address, user, pass: 'x', prefix, ...more });
async function ready(prefix: string, user = 'good'): Promise<Broker> {
  const broker = await as(user, prefix);
  await ensureStreams(broker);
  return broker;
}

beforeAll(async () => {
  const port = await freePort();
  monitor = `http://127.0.0.1:${port}`;
  [own, strict, lazy] = await Promise.all([startNats(), startNatsWith(accounts), startNatsWith(`http: "127.0.0.1:${port}"\njetstream {}`)]);
});
afterAll(async () => {
  await Promise.all(brokers.map((broker) => broker.close()));
  await Promise.all([own?.stop(), strict?.stop(), lazy?.stop()]);
});

describe('the doctor', () => {
  it('given the server that millrace runs, set up by a worker, when it is examined, then everything is fine and nothing has changed', async () => {
    const broker = await open({ servers: own.url });
    await ensureStreams(broker);
    const found = await look(broker, { dataDir: own.dir });
    expect(Object.keys(found)).toEqual(['connection', 'version', 'jetstream', 'streams', 'sync', 'storage', 'replicas', 'space', 'clock', 'permissions', 'workers', 'dead-letters']);
    expect(Object.values(found).filter(({ level, check }) => level !== 'ok' && check !== 'space')).toEqual([]);
    expect(found.sync?.detail).toMatch(/sync_interval is always/);
    expect(found.space?.detail).toMatch(/free on the disk/);
  });

  it('given nobody who may ask the servers, when it is examined, then sync is unknown and says how it can be learnt', async () => {
    const { sync } = await look(await ready('ask'));
    expect(sync).toMatchObject({ level: 'unknown', detail: expect.stringMatching(/^unknown/) as string, advice: expect.stringMatching(/--monitor.*--system-context/) as string });
  });

  it('given a user of the system account, when it is examined, then the servers themselves say that they sync', async () => {
    const broker = await ready('sysask');
    expect((await look(broker, { system: { user: 'sys', pass: 'x' } })).sync?.level).toBe('ok');
    const { sync, space } = await look(broker, { system: { user: 'good', pass: 'x' } });
    expect(sync).toMatchObject({ level: 'unknown', advice: expect.stringMatching(/system account/) as string });
    expect(space?.level).toBe('ok');
  });

  it('given a server with the default sync_interval, when its monitoring port is asked, then acknowledged records are in danger and it says what to set', async () => {
    const broker = await open({ servers: lazy.address });
    await ensureStreams(broker);
    const { sync, space } = await look(broker, { monitors: [monitor] });
    expect(sync).toMatchObject({ level: 'problem', detail: expect.stringMatching(/every 2 minutes.*power failure/) as string, advice: expect.stringMatching(/sync_interval: always/) as string });
    expect(space?.detail).toMatch(/file storage/);
  });

  it('given a monitoring address where nobody listens, when it is examined, then it says so and shows no password', async () => {
    const { sync } = await look(await ready('deaf'), { monitors: ['http://me:secret@127.0.0.1:1'] });
    expect(sync).toMatchObject({ level: 'problem', detail: expect.stringContaining('http://127.0.0.1:1') as string });
    expect(JSON.stringify(sync)).not.toContain('secret');
  });

  it('given a server without JetStream, and an account without it, when they are examined, then that is the last word', async () => {
    const plain = await startNatsWith('max_payload: 1MB');
    const none = await examine(await open({ servers: plain.address }));
    expect(none.map(({ check, level }) => [check, level])).toEqual([['connection', 'ok'], ['version', 'ok'], ['jetstream', 'problem']]);
    expect(none[2]?.advice).toMatch(/jetstream \{\}/);
    expect((await examine(await as('bare', 'bare'))).at(-1)).toMatchObject({ check: 'jetstream', level: 'problem', advice: expect.stringMatching(/for this account/) as string });
    await Promise.all(brokers.splice(-2).map((broker) => broker.close()));
    await plain.stop();
  });

  it('given a broker that nobody has set up, when it is examined, then it says that any worker does', async () => {
    const found = await look(await as('good', 'fresh'));
    expect(found.streams).toMatchObject({ level: 'problem', detail: expect.stringMatching(/^Not set up.*FRESH_EVENTS/) as string, advice: expect.stringMatching(/any worker/) as string });
    expect(found.clock?.level).toBe('ok');
    expect(found.permissions?.level).toBe('ok');
    expect(found.workers).toBeUndefined();
  });

  it('given an events stream that forgets after an hour and may be purged, when it is examined, then both are named', async () => {
    const broker = await ready('lax');
    await broker.jsm.streams.delete('LAX_EVENTS');
    await broker.jsm.streams.add({ name: 'LAX_EVENTS', subjects: ['lax.evt.*.*'], retention: RetentionPolicy.Limits, max_age: 3600 * 1e9, deny_delete: true, allow_atomic: true, allow_direct: true });
    const { streams } = await look(broker);
    expect(streams).toMatchObject({ level: 'problem', detail: expect.stringMatching(/LAX_EVENTS.*max_age is 3600000000000, wanted is 0.*deny_purge is false/) as string, advice: expect.stringContaining('nats stream edit LAX_EVENTS') as string });
    expect(streams?.detail).not.toContain('LAX_COMMANDS');
  });

  it('given a stream in memory, or one that acknowledges before it writes, when it is examined, then it is not safe', async () => {
    const broker = await as('good', 'weak', { storage: 'memory' });
    await ensureStreams(broker);
    await broker.jsm.streams.delete('WEAK_DEAD');
    await broker.jsm.streams.add({ name: 'WEAK_DEAD', subjects: ['weak.dead.>'], storage: StorageType.File, persist_mode: 'async', allow_direct: true });
    const { storage } = await look(broker);
    expect(storage).toMatchObject({ level: 'problem', detail: expect.stringMatching(/WEAK_EVENTS is kept in memory.*WEAK_DEAD has persist mode async/) as string });
  });

  it('given a user who lacks rights, when it is examined, then each is named with what to allow, and nothing was stored', async () => {
    await ready('few');
    const { permissions } = await look(await as('few', 'few'), {}, await as('good', 'few'));
    expect(permissions).toMatchObject({ level: 'problem', detail: 'This user may not publish commands, append records, write the board, hear of other workers or create consumers on FEW_EVENTS.' });
    for (const subject of ['few.cmd.>', 'few.evt.>', '$KV.few_board.>', '$KV.few_workers.>', '$JS.API.CONSUMER.CREATE.FEW_EVENTS.>']) expect(permissions?.advice).toContain(`"${subject}"`);
    expect(permissions?.advice).not.toContain('few.timer');
  });

  it('given a user who may not look at streams, when it is examined, then those checks are unknown and the right is named', async () => {
    const found = await look(await as('blind', 'blind'), {}, await as('good', 'blind'));
    expect(found.streams).toMatchObject({ level: 'unknown' });
    expect(found.permissions).toMatchObject({ level: 'problem', detail: expect.stringContaining('look at BLIND_EVENTS') as string });
  });

  it('given an account whose limit is nearly reached, when it is examined, then it says which and how near', async () => {
    const broker = await ready('small', 'small');
    expect((await look(broker)).space?.level).toBe('ok');
    await broker.jsm.streams.add({ name: 'FILLER', subjects: ['filler'], storage: StorageType.Memory });
    await broker.js.publish('filler', new Uint8Array(850_000));
    expect((await look(broker)).space).toMatchObject({ level: 'warning' });
    await broker.js.publish('filler', new Uint8Array(160_000));
    expect((await look(broker)).space).toMatchObject({ level: 'problem', detail: expect.stringMatching(/^96 % of the account's memory are used/) as string, advice: expect.stringMatching(/Raise/) as string });
  });

  it.each([[5_000, /5 s ahead of.*late/], [-5_000, /5 s behind.*early/]])('given a clock that is %i ms off, when it is examined, then timers are in danger', async (off, said) => {
    for (const broker of [await ready('clock'), await as('good', 'clockless')]) {
      expect((await look(broker, { now: () => Date.now() + off })).clock).toMatchObject({ level: 'problem', detail: expect.stringMatching(said) as string, advice: expect.stringMatching(/NTP/) as string });
    }
  });

  it('given commands for two types and a worker for one, when it is examined, then the other is named with its count', async () => {
    const broker = await ready('work');
    const queue = natsQueue(broker);
    for (const to of ['order/o1', 'order/o2', 'build/b1'] as const) await queue.send({ to, command: 'go', body: {}, id: `go-${to}` });
    expect((await look(broker)).workers).toMatchObject({ level: 'problem', detail: expect.stringMatching(/order 2, build 1.*No worker is connected/) as string });
    let held = 0;
    const worker = await queue.consume(['build'], () => { held++; });
    await eventually(() => held === 1);
    const { workers } = await look(broker);
    expect(workers).toMatchObject({ level: 'problem', detail: expect.stringMatching(/order 2\. Workers take build\./) as string, advice: expect.stringMatching(/millrace worker.*--machines/) as string });
    expect(workers?.detail).not.toContain('build 1');
    const other = await queue.consume(['order'], () => undefined);
    expect((await look(broker)).workers).toMatchObject({ level: 'ok', detail: 'Workers take build, order; 3 commands in hand.' });
    await Promise.all([worker.stop(), other.stop()]);
  });

  it('given a worker that serves, when it is examined, then it is told who takes what', async () => {
    const millrace = await connect({ servers: strict.address, user: 'good', pass: 'x', prefix: 'staff' });
    const worker = await millrace.worker({ machines: [parcel(handwork().code)] });
    const partitions = millrace.broker.partitions;
    await eventually(async () => (await examine(millrace.broker)).some(({ check, detail }) => check === 'workers'
      && detail === `Workers take parcel; no command waits. ${hostname()}/${process.pid} serves ${partitions} partitions of parcel.`));
    await worker.stop();
    await eventually(async () => (await examine(millrace.broker)).some(({ check, detail }) => check === 'workers' && detail === 'No worker is connected; no command waits.'));
    await millrace.close();
  });

  it('given dead letters, when it is examined, then it says how many, of which types, how old and how to look', async () => {
    const broker = await ready('dead');
    const letter: DeadLetter = { id: 'd-1', type: 'order', actorId: 'o1', subject: 'dead.cmd.order.o1.stop', commandId: 'c-1', code: 'unknown_type', reason: 'no', deliveries: 1, at: 1, headers: {}, body: new Uint8Array() };
    await natsDeadLetters(broker).put(letter);
    await natsDeadLetters(broker).put({ ...letter, id: 'd-2', actorId: 'o2' });
    const found = await look(broker, { now: () => Date.now() + 3 * 3_600_000 });
    expect(found['dead-letters']).toMatchObject({ level: 'problem', detail: '2 dead letters (order 2), the oldest 3 hours old.', advice: expect.stringMatching(/millrace dead ls/) as string });
  });

  it('given that an append may be tried, when it is examined, then it is timed and its stream is gone again', async () => {
    const { append } = await look(await ready('timed'), { append: true });
    expect(append?.detail).toMatch(/^One append takes [\d.]+ m?s/);
  });
});

describe('millrace doctor', () => {
  afterEach(() => { vi.restoreAllMocks(); vi.unstubAllEnvs(); process.exitCode = undefined; });

  async function run(...words: string[]): Promise<{ text: string; code: typeof process.exitCode }> {
    vi.stubEnv('NATS_USER', 'good');
    vi.stubEnv('NATS_PASSWORD', 'x');
    let text = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => { text += String(chunk); return true; });
    const program = addGlobals(new Command('millrace'));
    addDoctor(program);
    await program.parseAsync(['--server', strict.address, '--data', '/nonexistent', 'doctor', ...words], { from: 'user' });
    vi.restoreAllMocks();
    const code = process.exitCode;
    process.exitCode = undefined;
    return { text, code };
  }

  it('given a broker that is set up, when asked for JSON, then it is an array of check, ok and detail, and the exit code is 0 unless strict', async () => {
    await ready('told');
    const { text, code } = await run('--prefix', 'told', '-o', 'json');
    const found = JSON.parse(text) as { check: string; ok: boolean; detail: string; level: string }[];
    expect(found.every(({ check, ok, detail }) => check !== '' && ok && detail !== '')).toBe(true);
    expect(found.find(({ check }) => check === 'sync')).toMatchObject({ level: 'unknown', detail: expect.stringMatching(/--monitor/) as string });
    expect(code).toBeUndefined();
    const harder = await run('--prefix', 'told', '-o', 'json', '--strict');
    expect((JSON.parse(harder.text) as typeof found).filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['sync']);
    expect(harder.code).toBe(1);
  });

  it('given a broker that is not set up, when a person asks, then the line is marked, the advice is below it, and the exit code is 1', async () => {
    const { text, code } = await run('--prefix', 'untold');
    expect(text).toMatch(/^✓ version /m);
    expect(text).toMatch(/^✗ streams +Not set up.*\n +Start any worker/m);
    expect(text).toMatch(/1 wrong$/m);
    expect(code).toBe(1);
  });

  it('given nothing that listens, when asked, then the connection is the problem and the exit code is 1', async () => {
    const { text, code } = await run('--server', '127.0.0.1:1', '-o', 'json');
    expect(JSON.parse(text)).toEqual([{ check: 'connection', ok: false, level: 'problem', detail: expect.stringMatching(/Could not connect to 127\.0\.0\.1:1/) as string }]);
    expect(code).toBe(1);
  });
});
