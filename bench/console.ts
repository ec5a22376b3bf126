import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connect } from '../src/connect.ts';
import type { BoardEntry, Status } from '../src/console/protocol.ts';
import { consoleServer } from '../src/console/server/server.ts';
import type { ActorName } from '../src/kernel/record.ts';
import { openViewer, type Viewer } from './console-browser.ts';
import { openLine } from './console-line.ts';
import { storeAll } from '../test/support/stored.ts';
import { counter, counterLog } from './load.ts';
import { percentile } from './stats.ts';
import type { BenchWorld } from './world.ts';

/** The console's server, pages and traffic in one process. Times in ms from a page's question to its answer. */
export interface ConsoleFigures {
  readonly builds: number;
  /** From nothing to the first window of the board on the page. */
  readonly firstViewMs: number;
  /** Scrolling, filtering and searching while 200 rows change each second. */
  readonly inputP50Ms: number;
  readonly inputP99Ms: number;
  readonly inputMaxMs: number;
  /** Messages and kB a second to a page that watches the board meanwhile. */
  readonly pushesPerSecond: number;
  readonly kbPerSecond: number;
  /** Changes told as fast as they go: ten minutes of 200 a second. Heap after the first fifth of them and after the last. */
  readonly changes: number;
  readonly heapEarlyMb: number;
  readonly heapLateMb: number;
  readonly records: number;
  /** A log of so many records opened; until its newest moment is there; and any moment of it looked at. */
  readonly openMs: number;
  readonly foldedMs: number;
  readonly momentP50Ms: number;
  readonly momentP99Ms: number;
  readonly momentMaxMs: number;
  /** Null where there is no Chromium. */
  readonly browser: BrowserFigures | null;
}

/** The same, as somebody at a browser has it: until what was asked for, or the next frame, is painted. Times in ms. */
export interface BrowserFigures {
  /** From the begin of the navigation until rows were painted. */
  readonly firstViewMs: number;
  readonly seconds: number;
  readonly inputs: number;
  /** From a key, a click or a turn of the wheel to the next painted frame, while 200 rows change each second. */
  readonly frameP50Ms: number;
  readonly frameP99Ms: number;
  readonly frameMaxMs: number;
  /** From a letter of a search to its rows, painted. */
  readonly answerP50Ms: number;
  readonly answerMaxMs: number;
  /** Of the page, after the first fifth of the changes and after the last. */
  readonly heapEarlyMb: number;
  readonly heapLateMb: number;
  readonly nodesEarly: number;
  readonly nodesLate: number;
  /** From the begin of the navigation to an actor with the long log until chart, records and newest moment are painted. */
  readonly openMs: number;
  readonly momentP50Ms: number;
  readonly momentP99Ms: number;
  readonly momentMaxMs: number;
}

/** Between two turns of the traffic, and how many rows change at each: 200 a second. */
const tickMs = 50;
const atOnce = 10;
/** Between two inputs in the browser: ten a second, which no hands do for long. */
const inputMs = 100;

const statuses: readonly Status[] = ['running', 'waiting', 'blocked', 'failed', 'completed'];
const row = (id: number, seq: number): BoardEntry => ({
  actor: `build/b${id}`, status: statuses[(id + seq) % statuses.length] ?? 'running', value: { work: { 'build-artifact': { executing: 'active' } }, control: 'running' }, seq, at: 1_700_000_000_000 + seq * 5 + id, createdAt: 1_700_000_000_000 + id,
  waitingFor: [{ kind: 'child', name: `run/build--b${id}--build-artifact--4-0` }],
});
const momentsOf = (records: number): readonly number[] => Array.from({ length: 300 }, (_, i) => 1 + (i * 7919) % records);
const until = (at: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, Math.max(0, at - performance.now())); });

/** `seconds` of true time for the inputs without a browser, and one and a half times as many in one. */
export async function runConsole(world: BenchWorld, builds: number, changes: number, records: number, seconds: number): Promise<ConsoleFigures> {
  const millrace = await connect({ servers: world.url() });
  const server = await consoleServer({ millrace, definitions: [counter], port: 0, by: 'bench', version: 'bench', onError: (error) => process.stderr.write(`${String(error)}\n`) });
  const { nc, names } = millrace.broker;
  /** A line of the board as it passes: what it costs to store is measured elsewhere. */
  const tell = (entry: BoardEntry): void => nc.publish(`$KV.${names.buckets.board}.${entry.actor.replace('/', '.')}`, JSON.stringify(entry));
  let tick = 0;
  const turn = (): void => {
    tick++;
    for (let i = 0; i < atOnce; i++) tell(row((tick * 7919 + i * 104_729) % builds, 3 + tick));
  };
  let viewer: Viewer | undefined;
  try {
    await millrace.board.put(row(0, 1));
    for (let id = 0; id < builds; id++) tell(row(id, 2));
    await nc.flush();
    const start = performance.now();
    const page = await openLine(server.url);
    while ((await page.ask('board.watch', { from: 0, count: 100 })).total < builds) await until(performance.now() + 5);
    const firstViewMs = performance.now() - start;

    const inputs: number[] = [];
    const before = { pushes: page.pushes(), bytes: page.bytes() };
    const begin = performance.now();
    while (performance.now() - begin < seconds * 1_000) {
      turn();
      const windows = [{ from: (tick * 97) % builds }, { text: `b${tick}` }, { status: ['blocked' as const] }, { sort: 'attention' as const }];
      const asked = performance.now();
      await page.ask('board.watch', { from: 0, count: 100, ...windows[tick % 16] });
      inputs.push(performance.now() - asked);
      await until(begin + tick * tickMs);
    }
    const pushed = { pushes: page.pushes() - before.pushes, bytes: page.bytes() - before.bytes };
    const took = (performance.now() - begin) / 1_000;

    await page.ask('board.watch', { from: 0, count: 100 });
    viewer = await openViewer(server.url);
    if (viewer === undefined) process.stderr.write('bench: there is no Chromium here; the console is measured without a browser\n');
    const views = { seconds: seconds * 1.5, inputs: 0 };
    if (viewer !== undefined) {
      const traffic = setInterval(turn, tickMs);
      const viewed = performance.now();
      for (; performance.now() - viewed < views.seconds * 1_000; views.inputs++) {
        await viewer.input(views.inputs);
        await until(viewed + views.inputs * inputMs);
      }
      clearInterval(traffic);
    }
    const times = await viewer?.times();
    await viewer?.whole();

    const heaps: { readonly server: number; readonly page: Awaited<ReturnType<Viewer['held']>> | undefined }[] = [];
    for (let fifth = 0; fifth < 5; fifth++) {
      for (let i = 0; i < changes / 5; i++) {
        tell(row((i * 7919) % builds, 1_000_000 + fifth * changes + i));
        if (i % 2_000 === 0) await nc.flush();
      }
      await nc.flush();
      heaps.push({ page: await viewer?.held(), server: heapMb() });
    }
    const [early, late] = [heaps[0], heaps.at(-1)];

    const actor: ActorName = 'counter/c1';
    await storeAll(world.broker, counterLog(actor, records));
    const opening = performance.now();
    await page.ask('actor.watch', { actor });
    const openMs = performance.now() - opening;
    await page.ask('actor.moment', { actor, seq: records });
    const foldedMs = performance.now() - opening;
    const moments: number[] = [];
    for (const seq of momentsOf(records)) {
      const asked = performance.now();
      await page.ask('actor.moment', { actor, seq });
      moments.push(performance.now() - asked);
    }
    page.close();
    // Another one: that is not open yet.
    const other: ActorName = 'counter/c2';
    if (viewer !== undefined) await storeAll(world.broker, counterLog(other, records));
    const log = await viewer?.log(other, momentsOf(records));
    return {
      builds, firstViewMs, inputP50Ms: percentile(inputs, 0.5), inputP99Ms: percentile(inputs, 0.99), inputMaxMs: Math.max(...inputs), pushesPerSecond: pushed.pushes / took, kbPerSecond: pushed.bytes / took / 1_000,
      changes, heapEarlyMb: early?.server ?? 0, heapLateMb: late?.server ?? 0,
      records, openMs, foldedMs, momentP50Ms: percentile(moments, 0.5), momentP99Ms: percentile(moments, 0.99), momentMaxMs: Math.max(...moments),
      browser: viewer === undefined || times === undefined || log === undefined ? null : {
        firstViewMs: viewer.firstViewMs, ...views, frameP50Ms: percentile(times.frames, 0.5), frameP99Ms: percentile(times.frames, 0.99), frameMaxMs: Math.max(...times.frames),
        answerP50Ms: percentile(times.answers, 0.5), answerMaxMs: Math.max(...times.answers),
        heapEarlyMb: early?.page?.heapMb ?? 0, heapLateMb: late?.page?.heapMb ?? 0, nodesEarly: early?.page?.nodes ?? 0, nodesLate: late?.page?.nodes ?? 0,
        openMs: log.openMs, momentP50Ms: percentile(log.moments, 0.5), momentP99Ms: percentile(log.moments, 0.99), momentMaxMs: Math.max(...log.moments),
      },
    };
  } finally {
    await viewer?.close();
    await server.close();
    await millrace.close();
  }
}

/** After a collection: what is really held. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 1_000_000;
}
