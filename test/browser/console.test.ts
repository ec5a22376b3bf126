import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { connect, type Millrace, type Worker } from '../../src/connect.ts';
import { consoleServer, type ConsoleServer } from '../../src/console/server/server.ts';
import { defineMachine } from '../../src/kernel/define.ts';
import { compiled } from '../support/compiled.ts';
import { eventually } from '../support/broker.ts';
import { isWithoutBrowser, launchChromium } from '../support/chromium.ts';
import { startNats, type TestNats } from '../support/nats.ts';

const pictures = join('test-output', 'browser');

const lamp = defineMachine({ version: '1', machine: setup({ types: {} as { context: { flips: number }; events: { type: string } } }).createMachine({
  id: 'lamp', context: { flips: 0 }, initial: 'dark',
  states: {
    dark: { on: { flip: { target: 'lit', actions: assign({ flips: ({ context }) => context.flips + 1 }) } } },
    lit: { on: { flip: 'dark', smash: 'broken', stop: 'paused' } },
    paused: { tags: 'stopped', on: { start: 'lit' } },
    broken: { tags: 'blocked', on: { 'retry-undo': 'dark' } },
  },
}) });

describe.skipIf(isWithoutBrowser)('the console in a browser', () => {
  let nats: TestNats;
  let millrace: Millrace;
  let worker: Worker;
  let open: ConsoleServer;
  let guarded: ConsoleServer;
  let browser: Browser;
  const complaints: string[] = [];
  const token = 'a-token-nobody-guesses';

  const page = async (path = '', url = open.url, dark = false): Promise<Page> => {
    const made = await browser.newPage({ viewport: { width: 1400, height: 900 }, colorScheme: dark ? 'dark' : 'light' });
    made.on('pageerror', (error) => complaints.push(error.message));
    made.on('console', (message) => { if (message.type() === 'error' && !/401|403/.test(message.text())) complaints.push(message.text()); });
    await made.goto(`${url}/${path}`);
    return made;
  };
  const lampNamed = async (id: string, ...commands: string[]): Promise<string> => {
    for (const command of ['create', ...commands]) await millrace.send(`lamp/${id}`, command);
    return `lamp/${id}`;
  };
  const reads = async (at: Page, selector: string, text: string | RegExp): Promise<void> => eventually(async () => {
    const found = (await at.textContent(selector)) ?? '';
    return typeof text === 'string' ? found.includes(text) : text.test(found);
  }, 15_000);
  const lit = (at: Page): Promise<(string | undefined)[]> => at.$$eval('.state.active', (all) => all.map((one) => (one as unknown as { dataset: Record<string, string> }).dataset.state));

  beforeAll(async () => {
    await compiled('src/console/page/main.js');
    mkdirSync(pictures, { recursive: true });
    nats = await startNats();
    millrace = await connect({ servers: nats.url });
    worker = await millrace.worker({ machines: [lamp] });
    const options = { millrace, definitions: [lamp], port: 0, by: 'ann (console)', version: '1', onError: () => undefined };
    open = await consoleServer(options);
    guarded = await consoleServer({ ...options, tokens: [{ name: 'ops', secret: token }] });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await open?.close();
    await guarded?.close();
    await worker?.stop({ graceMs: 0 });
    await millrace?.close();
    await nats?.stop();
  });

  it('given the board, when actors come and move, then it shows them by itself, and says why one is blocked and what helps', async () => {
    await lampNamed('one');
    const at = await page();
    await reads(at, '.row', 'lamp/one');
    await lampNamed('two', 'flip', 'smash');
    await reads(at, '.row', /lamp\/two.*broken/);
    await at.screenshot({ path: join(pictures, 'board.png') });
    await at.click('.row button:has-text("retry-undo")');
    await reads(at, '.said', 'lamp/two accepted retry-undo as record 4');
    await eventually(async () => !(await at.isVisible('.row .badge.blocked')));
    await at.keyboard.press('/');
    await at.keyboard.type('one');
    await eventually(async () => (await at.$$('.row')).length === 1);
    await at.close();
  });

  it('given an actor, then its chart is lit, and by keys, slider and log it is lit as it was at any record', async () => {
    const actor = await lampNamed('past', 'flip', 'flip');
    const at = await page(`#/${actor}`);
    await at.waitForSelector('svg.millrace-chart');
    await eventually(async () => (await lit(at)).includes('lamp.dark'), 15_000);
    await at.keyboard.press('ArrowLeft');
    await reads(at, '.time output', 'record 2 of 3');
    await eventually(async () => (await lit(at)).includes('lamp.lit'));
    expect(await at.$$('.edge.taken')).not.toHaveLength(0);
    await at.click('.record >> nth=0');
    await reads(at, '.time output', 'record 1 of 3');
    await at.click('[data-state="lamp.lit"]');
    await reads(at, '.time output', 'record 2 of 3');
    await at.keyboard.press('End');
    await millrace.send(actor, 'flip');
    await reads(at, '.time output', 'record 4 of 4');
    await eventually(async () => (await lit(at)).includes('lamp.lit'));
    await at.screenshot({ path: join(pictures, 'actor.png') });
    await at.close();
  });

  it('given control from the page, then it is done, and a refusal says why and what would be taken', async () => {
    const actor = await lampNamed('control', 'flip');
    const at = await page(`#/${actor}`, open.url, true);
    await at.click('button:has-text("cancel")');
    await at.click('dialog button:has-text("leave it")');
    expect(await at.textContent('.said')).toBe('');
    await at.click('button:has-text("cancel")');
    await at.fill('dialog input', 'the wrong branch');
    await at.click('dialog button:has-text("cancel")');
    await reads(at, '.said', /refused cancel:.*It would take: flip, smash, stop/);
    await at.click('.said button:has-text("stop")');
    await reads(at, '.said', `${actor} accepted stop`);
    await reads(at, '.actor-head', 'stopped');
    await at.screenshot({ path: join(pictures, 'actor-dark.png') });
    expect((await millrace.history(actor)).at(-1)).toMatchObject({ type: 'stop', by: 'ann (console)' });
    await at.close();
  });

  it('given a past moment, when something is supposed, then the chart shows where that would lead and nothing is stored', async () => {
    const actor = await lampNamed('supposed', 'flip', 'flip');
    const at = await page(`#/${actor}`);
    await at.waitForSelector('svg.millrace-chart');
    await at.click('.record >> nth=1');
    await eventually(async () => (await at.$$('option:has-text("smash")')).length === 1);
    await at.selectOption('select[aria-label="What if"]', { label: 'smash' });
    await at.click('button:has-text("try")');
    await reads(at, '.side', /It would be blocked in broken.*Nothing was done/);
    await eventually(async () => (await lit(at)).includes('lamp.broken'));
    expect(await at.getAttribute('.chart', 'class')).toContain('supposed');
    await at.screenshot({ path: join(pictures, 'what-if.png') });
    await at.click('summary');
    await at.fill('.suppose textarea', '{');
    await at.click('button:has-text("try")');
    await reads(at, '.told', 'not JSON');
    expect(await millrace.history(actor)).toHaveLength(3);
    await at.close();
  });

  it('given a board and nothing but keys, then a row is searched for, chosen and opened', async () => {
    for (const id of ['key-1', 'key-2', 'key-3']) await lampNamed(id);
    const at = await page();
    await reads(at, '.rows', 'lamp/key-3');
    await at.selectOption('select[aria-label="Order"]', 'actor');
    await at.keyboard.press('/');
    await at.keyboard.type('key-');
    await eventually(async () => (await at.$$('.row')).length === 3);
    await at.keyboard.press('ArrowDown');
    await at.keyboard.press('ArrowDown');
    const chosen = await at.getAttribute('.long-list', 'aria-activedescendant');
    expect(await at.textContent(`#${chosen}`)).toContain('lamp/key-2');
    await at.screenshot({ path: join(pictures, 'keys.png') });
    await at.keyboard.press('Enter');
    await reads(at, 'h1', 'lamp/key-2');
    await at.close();
  });

  it('given a row somebody is about to press, when others change around it, then it is still the same row', async () => {
    await lampNamed('held', 'flip', 'smash');
    const busy = await lampNamed('busy');
    const at = await page();
    await reads(at, '.rows', 'lamp/busy');
    const button = await at.waitForSelector('.row:has-text("lamp/held") button');
    await button.focus();
    for (let i = 0; i < 3; i++) await millrace.send(busy, 'flip');
    await eventually(async () => (await at.textContent('.row:has-text("lamp/busy")'))?.includes('lit') ?? false);
    expect(await button.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    await at.close();
  });

  it('given a chart, then it is brought nearer and made to fit, and time plays by itself to its end', async () => {
    const actor = await lampNamed('played', 'flip', 'flip');
    const at = await page(`#/${actor}`);
    await at.waitForSelector('svg.millrace-chart');
    const width = (): Promise<number> => at.$eval('svg.millrace-chart', (one) => one.getBoundingClientRect().width);
    const before = await width();
    await at.click('button[aria-label=nearer]');
    expect(await width()).toBeCloseTo(before * 1.25, 0);
    await at.click('button:has-text("fit")');
    expect(await width()).toBeLessThanOrEqual(before + 1);
    await reads(at, '.time output', 'record 3 of 3');
    await at.focus('.chart');
    await at.keyboard.press(' ');
    await reads(at, '.time output', 'record 1 of 3');
    await reads(at, '.time output', 'record 3 of 3');
    await reads(at, '.time', 'play');
    await at.close();
  });

  it.each([['the board', ''], ['an actor', '#/lamp/read'], ['the dead letters', '#/dead']])('given %s, light or dark, then nothing hides from who reads by ear or needs contrast', async (_, path) => {
    await lampNamed('read', 'flip', 'smash');
    for (const dark of [false, true]) {
      const at = await page(path, open.url, dark);
      await at.waitForSelector(path === '' ? '.row' : path === '#/dead' ? '.dead p' : '.record');
      await at.evaluate(axe.source);
      const { violations } = await at.evaluate(dark ? `axe.run({ runOnly: ['color-contrast'] })` : 'axe.run()') as AxeResults;
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(' ')}`)).toEqual([]);
      await at.close();
    }
  });

  it('given a dead letter, then it comes by itself and can be dropped', async () => {
    const at = await page('#/dead');
    await reads(at, '.dead', 'There are none');
    await millrace.dead.put({ id: 'd1', type: 'lamp', actorId: 'x', subject: 'millrace.cmd.lamp.x.flip', commandId: 'c1', code: 'bad_body', reason: 'not JSON', deliveries: 1, at: 5, headers: {}, body: new TextEncoder().encode('{') });
    await reads(at, '.dead', 'not JSON');
    await at.click('button:has-text("drop")');
    await reads(at, 'dialog', 'drop flip for lamp/x?');
    await at.click('dialog button:has-text("drop")');
    await reads(at, '.dead', 'There are none');
    await at.close();
  });

  it('given a console with a token, then the page asks for it, and it is in no address', async () => {
    const at = await page('', guarded.url);
    await at.fill('input[type=password]', 'wrong-wrong-wrong-wrong');
    await at.keyboard.press('Enter');
    await reads(at, '.token', 'That is not a token');
    await at.fill('input[type=password]', token);
    await at.keyboard.press('Enter');
    await at.waitForSelector('.row');
    expect(at.url()).not.toContain(token);
    await at.close();
  });

  it('given all that, then no script failed and nothing was against the policy of the page', () => {
    expect(complaints).toEqual([]);
  });
});
