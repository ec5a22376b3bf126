import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
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
    await reads(at, '.said', /refused cancel:.*It would take: flip, smash, stop/);
    await at.click('button:has-text("stop")');
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
    expect(await millrace.history(actor)).toHaveLength(3);
    await at.close();
  });

  it('given a dead letter, then it comes by itself and can be dropped', async () => {
    const at = await page('#/dead');
    await reads(at, '.dead', 'There are none');
    await millrace.dead.put({ id: 'd1', type: 'lamp', actorId: 'x', subject: 'millrace.cmd.lamp.x.flip', commandId: 'c1', code: 'bad_body', reason: 'not JSON', deliveries: 1, at: 5, headers: {}, body: new TextEncoder().encode('{') });
    await reads(at, '.dead', 'not JSON');
    await at.click('button:has-text("drop")');
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
