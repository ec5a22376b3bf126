import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verify } from '../../../src/kernel/chain.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { OutgoingCommand } from '../../../src/runtime/ports/queue.ts';
import { eventually } from '../../support/broker.ts';
import { startWorker, type WorkerProcess } from '../../support/build/worker.ts';
import { startNats, type TestNats } from '../../support/nats.ts';
import { seeded } from '../../support/random.ts';

/** MILLRACE_TEAM_KILLS, MILLRACE_TEAM_SAGAS and MILLRACE_SEED make a campaign of it. */
const kills = Number(process.env.MILLRACE_TEAM_KILLS ?? 8);
const sagas = Number(process.env.MILLRACE_TEAM_SAGAS ?? 40);
const seed = Number(process.env.MILLRACE_SEED ?? 20_261_120);
const steps = Array.from({ length: 8 }, (_, index) => `s${index + 1}`);

let nats: TestNats;
let folder: string;
let millrace: Millrace;
let crew: WorkerProcess[];

beforeEach(async () => {
  nats = await startNats();
  folder = mkdtempSync(join(tmpdir(), 'millrace-many-kills-'));
  millrace = await connect({ servers: nats.url });
  crew = await Promise.all([0, 1, 2].map(() => hire()));
});
afterEach(async () => {
  await Promise.all(crew.map((worker) => worker.kill()));
  await millrace.close();
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});

const hire = (): Promise<WorkerProcess> => startWorker(nats.url, join(folder, 'data'), {
  MILLRACE_MACHINES: resolve('test/support/team/ride.mjs'), TEAM_FOLDER: folder, MILLRACE_ACK_WAIT_MS: '2000', MILLRACE_PIN_TIMEOUT_MS: '1000', MILLRACE_LOG: 'fatal',
});

/** How each saga is to go: most complete, some fail at a step and some are cancelled on the way. */
function plan(random: ReturnType<typeof seeded>, n: number): { actor: ActorName; input: { failsAt: number; stumblesAt: number; ms: number }; cancelled: boolean } {
  const some = (share: number, value: number): number => (random.next() < share ? value : 0);
  return { actor: `ride/r${n}`, input: { failsAt: some(0.25, 1 + Math.floor(random.next() * 8)), stumblesAt: some(0.3, 1 + Math.floor(random.next() * 8)), ms: 20 + Math.floor(random.next() * 150) }, cancelled: random.next() < 0.2 };
}

const sent = (command: OutgoingCommand): Promise<void> => eventually(() => millrace.queue.send(command).then(() => true, () => false), 60_000);

async function cancelLater(actor: ActorName, ms: number): Promise<void> {
  // The server may be away at this very moment.
  await eventually(async () => (await millrace.log.read(actor).catch(() => ({ records: [] }))).records.length > 0, 60_000);
  await pause(ms);
  await sent({ to: actor, command: 'cancel', body: {}, id: `${actor}-cancel`, reply: 'nobody.listens' });
}

const endOf = async (actor: ActorName): Promise<string | undefined> => (await millrace.board.get(actor))?.status;
const isEnded = (status: string | undefined): boolean => ['completed', 'failed', 'cancelled', 'blocked'].includes(status ?? '');

test(`given ${sagas} sagas on three workers, when workers and the server are killed ${kills} times, then each ends as it was to, what was done stays or is undone, once, and every log holds`, async () => {
  const random = seeded(seed);
  const plans = Array.from({ length: sagas }, (_, n) => plan(random, n));
  const cancels: Promise<void>[] = [];
  const begin = async ({ actor, input, cancelled }: (typeof plans)[number]): Promise<void> => {
    await sent({ to: actor, command: 'create', body: input, id: `${actor}-create` });
    if (cancelled) cancels.push(cancelLater(actor, random.next() * 600));
  };
  const moments: number[] = [];
  let [workersKilled, serverKilled] = [0, 0];
  for (let n = 0; n < kills; n++) {
    // A share of them before each kill, so that each meets some.
    await Promise.all(plans.slice(Math.round((n * sagas) / kills), Math.round(((n + 1) * sagas) / kills)).map(begin));
    await pause(50 + random.next() * 300);
    moments.push(Date.now());
    if (random.next() < 0.15) {
      await nats.restart();
      serverKilled++;
      continue;
    }
    const index = Math.floor(random.next() * crew.length);
    await crew[index]?.kill();
    crew[index] = await hire();
    workersKilled++;
  }
  await Promise.all(cancels);
  await eventually(async () => (await Promise.all(plans.map(({ actor }) => endOf(actor)))).every(isEnded), 120_000);

  const ledger = existsSync(join(folder, 'ledger')) ? readFileSync(join(folder, 'ledger'), 'utf8').trim().split('\n') : [];
  const twice = ledger.filter((line, index) => ledger.indexOf(line) !== index);
  const met = new Set<number>();
  const ends = { completed: 0, failed: 0, cancelled: 0 };
  for (const { actor, input, cancelled } of plans) {
    const status = await endOf(actor);
    const place = join(folder, 'world', actor);
    const there = existsSync(place) ? readdirSync(place).filter((name) => steps.includes(name)).toSorted() : [];
    expect([actor, status, there]).toEqual([actor, status, status === 'completed' ? steps : []]);
    const possible = input.failsAt > 0 ? ['failed', ...(cancelled ? ['cancelled'] : [])] : ['completed', ...(cancelled ? ['cancelled'] : [])];
    expect(possible).toContain(status);
    ends[status as keyof typeof ends]++;
    const { records } = await millrace.log.read(actor);
    expect(verify(records)).toEqual({ ok: true });
    for (const moment of moments) if ((records[0]?.at ?? Infinity) < moment && moment < (records.at(-1)?.at ?? 0)) met.add(moment);
  }
  expect(twice).toEqual([]);
  expect(await millrace.dead.list()).toEqual([]);
  expect(met.size).toBeGreaterThan(kills / 2);
  console.log(`many kills: ${workersKilled} workers and the server ${serverKilled} times, seed ${seed}; ${met.size} met running sagas; ${JSON.stringify(ends)}; ${ledger.length} effects, none twice`);
}, 900_000);
