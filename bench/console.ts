import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WebSocket } from 'ws';
import { connect } from '../src/connect.ts';
import type { Answered, BoardEntry, Question, Questions, Status } from '../src/console/protocol.ts';
import { consoleServer } from '../src/console/server/server.ts';
import type { ActorName } from '../src/kernel/record.ts';
import { counter, counterLog, store } from './load.ts';
import { percentile } from './stats.ts';
import type { BenchWorld } from './world.ts';

/** The console's server, pages and traffic in one process. Times from a page's question to its answer. */
export interface ConsoleFigures {
  readonly builds: number;
  /** From nothing to the first window of the board on the page. */
  readonly firstViewMs: number;
  /** Scrolling, filtering and searching while 200 rows change each second. */
  readonly inputP50Ms: number;
  readonly inputMaxMs: number;
  /** Messages and kB a second to a page that watches the board meanwhile. */
  readonly pushesPerSecond: number;
  readonly kbPerSecond: number;
  /** Changes told as fast as they go: ten minutes of 200 a second. Heap after the first fifth of them and after the last. */
  readonly changes: number;
  readonly heapEarlyMb: number;
  readonly heapLateMb: number;
  readonly records: number;
  /** A log of so many records opened, and any moment of it looked at. */
  readonly openMs: number;
  readonly momentP50Ms: number;
  readonly momentMaxMs: number;
}

const statuses: readonly Status[] = ['running', 'waiting', 'blocked', 'failed', 'completed'];
const row = (id: number, seq: number): BoardEntry => ({
  actor: `build/b${id}`, status: statuses[(id + seq) % statuses.length] ?? 'running', value: { work: { 'build-artifact': { executing: 'active' } }, control: 'running' }, seq, at: 1_700_000_000_000 + seq * 5 + id, createdAt: 1_700_000_000_000 + id,
  waitingFor: [{ kind: 'child', name: `run/build--b${id}--build-artifact--4-0` }],
});

/** What `scale` multiplies: builds, changes and records. */
export async function runConsole(world: BenchWorld, builds: number, changes: number, records: number, seconds: number): Promise<ConsoleFigures> {
  const millrace = await connect({ servers: world.url() });
  const server = await consoleServer({ millrace, definitions: [counter], port: 0, by: 'bench', version: 'bench', onError: (error) => process.stderr.write(`${String(error)}\n`) });
  const { nc, names } = millrace.broker;
  /** A line of the board as it passes: what it costs to store is measured elsewhere. */
  const tell = (entry: BoardEntry): void => nc.publish(`$KV.${names.buckets.board}.${entry.actor.replace('/', '.')}`, JSON.stringify(entry));
  try {
    await millrace.board.put(row(0, 1));
    for (let id = 0; id < builds; id++) tell(row(id, 2));
    await nc.flush();
    const start = performance.now();
    const page = await open(server.url);
    while ((await page.ask('board.watch', { from: 0, count: 100 })).total < builds) await new Promise((resolve) => { setTimeout(resolve, 5); });
    const firstViewMs = performance.now() - start;

    const inputs: number[] = [];
    const before = { pushes: page.pushes(), bytes: page.bytes() };
    const begin = performance.now();
    for (let tick = 0; performance.now() - begin < seconds * 1_000; tick++) {
      for (let i = 0; i < 10; i++) tell(row((tick * 7919 + i * 104_729) % builds, 3 + tick));
      const windows = [{ from: (tick * 97) % builds }, { text: `b${tick}` }, { status: ['blocked' as const] }, { sort: 'attention' as const }];
      const asked = performance.now();
      await page.ask('board.watch', { from: 0, count: 100, ...windows[tick % 16] });
      inputs.push(performance.now() - asked);
      await new Promise((resolve) => { setTimeout(resolve, Math.max(0, begin + tick * 50 - performance.now())); });
    }
    const pushed = { pushes: page.pushes() - before.pushes, bytes: page.bytes() - before.bytes };
    const took = (performance.now() - begin) / 1_000;

    await page.ask('board.watch', { from: 0, count: 100 });
    const heaps: number[] = [];
    for (let fifth = 0; fifth < 5; fifth++) {
      for (let i = 0; i < changes / 5; i++) {
        tell(row((i * 7919) % builds, 1_000_000 + fifth * changes + i));
        if (i % 2_000 === 0) await nc.flush();
      }
      await nc.flush();
      heaps.push(heapMb());
    }

    const actor: ActorName = 'counter/c1';
    await store(world, counterLog(actor, records));
    const opening = performance.now();
    await page.ask('actor.watch', { actor });
    const openMs = performance.now() - opening;
    const moments: number[] = [];
    for (let i = 0; i < 300; i++) {
      const asked = performance.now();
      await page.ask('actor.moment', { actor, seq: 1 + (i * 7919) % records });
      moments.push(performance.now() - asked);
    }
    page.close();
    return {
      builds, firstViewMs, inputP50Ms: percentile(inputs, 0.5), inputMaxMs: Math.max(...inputs), pushesPerSecond: pushed.pushes / took, kbPerSecond: pushed.bytes / took / 1_000,
      changes, heapEarlyMb: heaps[0] ?? 0, heapLateMb: heaps.at(-1) ?? 0, records, openMs, momentP50Ms: percentile(moments, 0.5), momentMaxMs: Math.max(...moments),
    };
  } finally {
    await server.close();
    await millrace.close();
  }
}

interface BenchPage {
  ask<Q extends Question>(ask: Q, given: Questions[Q]['ask']): Promise<Questions[Q]['answer']>;
  pushes(): number;
  bytes(): number;
  close(): void;
}

async function open(url: string): Promise<BenchPage> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, { origin: url });
  const waiting = new Map<number, (answer: Answered) => void>();
  let [last, pushes, bytes] = [0, 0, 0];
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
    const message = JSON.parse(data.toString('utf8')) as Partial<Answered> & { push?: string };
    if (message.push !== undefined) pushes++;
    else if (message.id !== undefined) {
      waiting.get(message.id)?.(message as Answered);
      waiting.delete(message.id);
    }
  });
  await new Promise((resolve, reject) => { socket.once('open', resolve).once('error', reject); });
  return {
    async ask<Q extends Question>(ask: Q, given: Questions[Q]['ask']) {
      const id = ++last;
      const answer = new Promise<Answered>((resolve) => { waiting.set(id, resolve); });
      socket.send(JSON.stringify({ id, ask, ...given }));
      const message = await answer;
      if ('no' in message) throw new Error(`${message.no.code}: ${message.no.message}`);
      return message.yes;
    },
    pushes: () => pushes, bytes: () => bytes,
    close: () => { socket.terminate(); },
  };
}

/** After a collection: what is really held. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1_000_000;
}
