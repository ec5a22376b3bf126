import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { hasChromium, launchChromium } from '../test/support/chromium.ts';

/** The console's page in a headless Chromium, under hands that never rest. */
export interface Viewer {
  /** From the begin of the navigation until rows of the board were painted. */
  readonly firstViewMs: number;
  /** One more input, `turn` says of which kind: a key, a click on a filter, a letter of a search, a turn of the wheel. */
  input(turn: number): Promise<void>;
  /** Ms from each input to the next painted frame; and from each letter of a search to its answer, painted. */
  times(): Promise<{ readonly frames: readonly number[]; readonly answers: readonly number[] }>;
  /** Back to the whole board. */
  whole(): Promise<void>;
  /** After a collection: what is really held, in MB, and how many nodes the page has. */
  held(): Promise<{ readonly heapMb: number; readonly nodes: number }>;
  /** An actor's log opened, ms until chart, records and moment are painted; then these moments, each until it is. */
  log(actor: string, moments: readonly number[]): Promise<{ readonly openMs: number; readonly moments: readonly number[] }>;
  close(): Promise<void>;
}

/** Runs in the page before anything else. An input's time is when the browser got it. */
const probe = `(() => {
  const probe = window.probe = { frames: [], answers: [] };
  const painted = probe.painted = (then) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { then(performance.now()); port1.close(); };
    port2.postMessage(0);
  });
  for (const type of ['keydown', 'click', 'input', 'wheel']) addEventListener(type, ({ timeStamp }) => { painted((now) => { probe.frames.push(now - timeStamp); }); }, { capture: true, passive: true });
  addEventListener('input', ({ target, timeStamp }) => {
    const total = document.querySelector('output');
    if (target.type !== 'search' || total === null) return;
    const before = total.textContent;
    const seen = new MutationObserver(() => {
      if (total.textContent === before) return;
      seen.disconnect();
      painted((now) => { probe.answers.push(now - timeStamp); });
    });
    seen.observe(total, { childList: true, characterData: true, subtree: true });
  }, true);
  probe.first = new Promise((done) => {
    new MutationObserver((_, seen) => {
      if (document.querySelector('.long-list .row .who') === null) return;
      seen.disconnect();
      painted(done);
    }).observe(document, { childList: true, subtree: true });
  });
})()`;

/** Runs in the page: goes to each moment with the slider, and waits until it is painted. */
const travel = `async (moments) => {
  const [slider, detail] = [document.querySelector('.slider'), document.querySelector('pre.detail')];
  const times = [];
  for (const seq of moments) {
    const begin = performance.now();
    slider.value = String(seq);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const is = () => detail.textContent.includes('"seq": ' + seq + ',');
    times.push(await new Promise((done) => {
      const whenThere = () => { if (is()) { seen.disconnect(); window.probe.painted((now) => done(now - begin)); } };
      const seen = new MutationObserver(whenThere);
      seen.observe(detail, { childList: true, characterData: true, subtree: true });
      whenThere();
    }));
  }
  return times;
}`;

/** Resolves in the page once chart, records and moment of an actor are there and painted: ms since the navigation began. */
const shown = `new Promise((done) => {
  const is = () => document.querySelector('.chart svg') && document.querySelector('.log .record') && document.querySelector('pre.detail').textContent.includes('"seq"');
  const look = () => { if (is()) { seen.disconnect(); window.probe.painted(done); } };
  const seen = new MutationObserver(look);
  seen.observe(document, { childList: true, subtree: true, characterData: true });
  look();
})`;

/** Undefined where there is no Chromium. */
export async function openViewer(url: string): Promise<Viewer | undefined> {
  if (!hasChromium) return undefined;
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await rests(browser);
  const devtools = await page.context().newCDPSession(page);
  await page.addInitScript({ content: probe });
  await page.goto(url);
  return {
    firstViewMs: await page.evaluate<number>('window.probe.first'),
    input: (turn) => input(page, turn),
    times: () => page.evaluate<{ frames: number[]; answers: number[] }>('({ frames: window.probe.frames, answers: window.probe.answers })'),
    async whole() {
      await page.goto('about:blank');
      await page.goto(url);
      await page.evaluate<number>('window.probe.first');
    },
    held: () => held(devtools),
    async log(actor, moments) {
      await page.goto('about:blank');
      await page.goto(`${url}/#/${actor}`);
      const openMs = await page.evaluate<number>(shown);
      return { openMs, moments: await page.evaluate<number[]>(`(${travel})(${JSON.stringify(moments)})`) };
    },
    close: () => browser.close(),
  };
}

/** A window that was just opened loads pages of the browser's own, on the cores the console needs; people's is there already. Ten seconds at most. */
async function rests(browser: Browser): Promise<void> {
  const devtools = await browser.newBrowserCDPSession();
  const spent = async (): Promise<number> => (await devtools.send('SystemInfo.getProcessInfo')).processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  for (let [before, tries] = [await spent(), 0]; tries < 40; tries++) {
    await pause(250);
    const now = await spent();
    if (now - before < 0.01) return;
    before = now;
  }
}

// Digits that not every row has.
const letters = '7193';
const keys = ['ArrowDown', 'PageDown', 'End', 'Home'];

/** Bare inputs: Playwright's own would wait until what they are for rests, and it never does. */
async function input(page: Page, turn: number): Promise<void> {
  const [kind, round] = [turn % 8, Math.floor(turn / 8)];
  if (kind < 4) {
    if (kind === 0) await page.evaluate(`document.querySelector('[role=grid]').focus()`);
    return page.keyboard.press(keys[kind] ?? 'Home');
  }
  if (kind === 4) {
    await page.mouse.move(600, 500);
    return page.mouse.wheel(0, 700);
  }
  // On, and off again.
  if (kind < 7) {
    const { x, y } = await page.evaluate<{ x: number; y: number }>(`(({ x, y }) => ({ x: x + 8, y: y + 8 }))((document.querySelectorAll('.filters button')[${round % 3}] ?? document.querySelector('[type=search]')).getBoundingClientRect())`);
    return page.mouse.click(x, y);
  }
  await page.evaluate(`document.querySelector('[type=search]').focus()`);
  const letter = letters[round % (letters.length + 1)];
  if (letter !== undefined) return page.keyboard.press(letter);
  for (let i = 0; i < letters.length; i++) await page.keyboard.press('Backspace');
}

async function held(devtools: CDPSession): Promise<{ readonly heapMb: number; readonly nodes: number }> {
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('Performance.enable');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { heapMb: of('JSHeapUsedSize') / 1_000_000, nodes: of('Nodes') };
}
