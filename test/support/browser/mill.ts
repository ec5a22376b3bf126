import { mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { natsBlobs } from '../../../src/adapters/nats/blobs.ts';
import { stopLocalRuns } from '../../../src/adapters/runners/process/stop-local.ts';
import { stageSource } from '../../../src/adapters/sources/stage.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { Status } from '../../../src/kernel/state.ts';
import { startWorker, type WorkerProcess } from '../build/worker.ts';
import { launchChromium } from '../chromium.ts';
import { begin, type Running } from '../cli.ts';
import { startNats, type TestNats } from '../nats.ts';
import { atOnce, hello, project, untilThere, vendor } from './places.ts';

/** Where pictures of the pages are left. */
const pictures = join('test-output', 'browser');

/** What a build is of. `held`: it waits for {@link Mill.open}. */
type Kind = 'hello' | 'broken' | 'quick' | 'held';

/** Waits until something at `selector` has this text. */
export const sees = (page: Page, selector: string, text: string | RegExp): Promise<void> => page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: 20_000 });

/** Presses a button, and says yes at once to what it asks, with a reason if there is one. */
export async function press(page: Page, selector: string, reason?: string): Promise<void> {
  await page.click(selector);
  if (await page.locator('dialog').count() === 0) return;
  if (reason !== undefined) await page.fill('dialog input', reason);
  await page.keyboard.press('Enter');
  await page.locator('dialog').waitFor({ state: 'detached' });
}

/** Ids of the states that are lit. */
export const lit = (page: Page): Promise<readonly string[]> => page.evaluate(`[...document.querySelectorAll('.state.active')].map((one) => one.dataset.state)`);

/** A nats-server, a worker and a console, each a process of its own as people run them, real builds, and one browser that looks at them. */
export interface Mill {
  readonly nats: TestNats;
  readonly millrace: Millrace;
  readonly dataDir: string;
  /** The tab that every story begins anew with. */
  readonly page: Page;
  /** What scripts complained of, in any tab. */
  readonly complaints: string[];
  /** Builds that every story may look at, and none changes: one that completed, one that failed and was undone, one whose step goes on. */
  readonly done: ActorName;
  readonly failed: ActorName;
  readonly held: ActorName;
  /** To be begun before the first story. */
  plan(app: string, kind: Kind, more?: JsonObject): ActorName;
  /** Stages the source, asks for the build. */
  begin(app: string, kind: Kind, more?: JsonObject): Promise<ActorName>;
  /** Lets the held build of this app go on. */
  open(app: string): Promise<void>;
  /** On the board, as the worker put it there. */
  until(actor: ActorName, status: Status): Promise<void>;
  /** `#/...` of the console, begun anew: as by a link where the page is loaded, which is faster. */
  visit(path?: string): Promise<Page>;
  /** Loaded anew; of another console, say. */
  visitAt(url: string): Promise<Page>;
  picture(name: string): Promise<void>;
  /** The console's process is killed, and comes back at the same address when `back` is called. */
  killConsole(): Promise<{ back(): Promise<void> }>;
  consoleWith(env: Readonly<Record<string, string>>): Promise<{ readonly url: string; stop(): Promise<unknown> }>;
}

export function openMill(): Mill {
  const planned: (() => Promise<unknown>)[] = [];
  const complaints: string[] = [];
  let [nats, millrace, worker, browser, page, console] = [] as unknown as [TestNats, Millrace, WorkerProcess, Browser, Page, Running];
  let [folder, url] = ['', ''];
  const gate = (app: string): string => join(folder, 'gates', app);

  const startConsole = async (port: number, env: Readonly<Record<string, string>> = {}): Promise<{ running: Running; url: string }> => {
    const running = await begin(['console', '--port', String(port), '--no-open', '-o', 'json'], { env: { NATS_URL: nats.url, MILLRACE_BY: 'ann', ...env } });
    await running.sees('"console"');
    return { running, url: (JSON.parse(running.stdout().split('\n')[0] ?? '') as { console: string }).console };
  };
  async function source(app: string, kind: Kind): Promise<string> {
    const place = join(folder, 'projects', app);
    if (kind === 'hello' || kind === 'broken') return hello(place, kind === 'broken');
    return project(place, kind === 'held' ? untilThere(gate(app)) : atOnce);
  }

  const mill: Mill = {
    complaints, done: 'build/hello', failed: 'build/broken', held: 'build/held',
    get nats() { return nats; },
    get millrace() { return millrace; },
    get dataDir() { return join(folder, 'data'); },
    get page() { return page; },
    plan(app, kind, more) {
      planned.push(() => mill.begin(app, kind, more));
      return `build/${app}`;
    },
    async begin(app, kind, more = {}) {
      const { digest } = await stageSource(natsBlobs(millrace.broker), await source(app, kind));
      const answer = await millrace.send(`build/${app}`, 'trigger', { app, source: digest, ...more }, { by: 'ann' });
      if (!answer.accepted) throw new Error(answer.reason);
      return `build/${app}`;
    },
    open: (app) => writeFile(gate(app), ''),
    async until(actor, status) {
      const end = Date.now() + 30_000;
      for (let row = await millrace.board.get(actor); row?.status !== status; row = await millrace.board.get(actor)) {
        if (Date.now() > end) throw new Error(`${actor} is not ${status} but ${JSON.stringify(row)}`);
        await pause(50);
      }
    },
    async visit(path = '#/') {
      const place = `${url}/${path}`;
      if (!page.url().startsWith(url) || page.url() === place) return mill.visitAt(place);
      await page.goto(place);
      return page;
    },
    async visitAt(address) {
      // A new address alone would be a step within the page that is there.
      await page.goto('about:blank');
      await page.goto(address);
      return page;
    },
    async picture(name) { await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true }); },
    async killConsole() {
      console.signal('SIGKILL');
      await console.ended;
      return { async back() { console = (await startConsole(Number(new URL(url).port))).running; } };
    },
    async consoleWith(env) {
      const other = await startConsole(0, env);
      return { url: other.url, stop: () => other.running.stop() };
    },
  };

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    folder = await mkdtemp(join(tmpdir(), 'millrace-browser-'));
    await mkdir(join(folder, 'gates'));
    const browsing = launchChromium();
    nats = await startNats();
    millrace = await connect({ servers: nats.url });
    const { digest } = await stageSource(natsBlobs(millrace.broker), await project(join(folder, 'made-elsewhere'), atOnce));
    const runners = JSON.stringify([await vendor(join(folder, 'vendor'), digest)]);
    let started: { running: Running; url: string };
    [worker, started, browser] = await Promise.all([startWorker(nats.url, mill.dataDir, { MILLRACE_EXEC_RUNNERS: runners }), startConsole(0), browsing]);
    ({ running: console, url } = started);
    await Promise.all([mill.begin('hello', 'hello'), mill.begin('broken', 'broken'), mill.begin('held', 'held'), ...planned.map((one) => one())]);
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on('pageerror', ({ message }) => complaints.push(message));
    // That a server is away the browser says by itself.
    page.on('console', (message) => { if (message.type() === 'error' && !/40[13]|ERR_CONNECTION_REFUSED|WebSocket connection/.test(message.text())) complaints.push(message.text()); });
  });
  beforeEach(async () => { await page.emulateMedia({ colorScheme: 'light' }); });
  afterAll(async () => {
    await browser?.close();
    await console?.stop();
    await worker?.stop();
    await millrace?.close();
    await nats?.stop();
    if (folder === '') return;
    await stopLocalRuns(mill.dataDir);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  return mill;
}
