import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it, vi } from 'vitest';
import { inspectionHub, type Hub } from '../../src/adapters/inspector/hub.ts';
import { inspectorServer, type InspectorServer } from '../../src/adapters/inspector/server.ts';
import { inspection } from '../../src/projections/chart/inspection.ts';
import { sees } from '../support/browser/mill.ts';
import { isWithoutBrowser, launchChromium } from '../support/chromium.ts';
import { create, put } from '../unit/kernel/support/drive.ts';
import { zoo } from '../unit/kernel/support/zoo.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What Stately's page may do once it is loaded: it draws, says hello, and lists what it is told. */
const double = `<p>heard:</p><script>
addEventListener('message', ({ data }) => { document.querySelector('p').append(' ' + data.type); });
requestAnimationFrame(() => requestAnimationFrame(() => parent.postMessage({ type: '@statelyai.connected' }, '*')));
</script>`;

describe.skipIf(isWithoutBrowser)("the inspector's page in a browser", () => {
  const paid = put(create(zoo.order), 'pay', { amount: 20 });
  const seen = inspection([zoo.order]);
  const messages = paid.log.map((record) => seen.add(record));
  let [hub, server, browser, page] = [] as unknown as [Hub, InspectorServer, Browser, Page];
  let complaints: string[] = [];

  beforeAll(async () => {
    mkdirSync('test-output/browser', { recursive: true });
    browser = await launchChromium();
  });
  afterAll(async () => browser?.close());
  beforeEach(async () => {
    complaints = [];
    hub = inspectionHub({ keep: 200 });
    server = await inspectorServer({ port: 0, feed: hub.feed });
    page = await browser.newPage({ viewport: { width: 1100, height: 700 }, colorScheme: 'light' });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => { if (message.type() === 'error' && !message.text().includes('ERR_INTERNET_DISCONNECTED')) complaints.push(message.text()); });
  });
  afterEach(async () => {
    await page?.close();
    await server?.close();
  });

  it('given no internet, when the page is opened, then it shows the actors as they are and their events as they come, readable in light and dark, and names the console', async () => {
    await page.route('https://stately.ai/**', (route) => route.abort('internetdisconnected'));
    for (const message of messages.slice(0, 1).flat()) hub.publish(message);
    await page.goto(server.url);
    await sees(page, '#actors tr', /order\/a1.*open.*active.*xstate.init/);
    expect(await page.locator('main').innerText()).toContain('millrace console');
    for (const message of messages.slice(1).flat()) hub.publish(message);
    await sees(page, '#actors tr', /order\/a1.*charging.*pay/);
    await sees(page, '#events tr', 'pay');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `test-output/browser/inspector-${colorScheme}.png` });
      const [text, ground] = await page.evaluate(`[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor].map((one) => Number(/\\d+/.exec(one)[0]))`) as [number, number];
      expect(colorScheme === 'light' ? ground - text : text - ground).toBeGreaterThan(150);
      // The frame that did not come must not lie over it.
      expect(await page.evaluate(`document.elementFromPoint(300, 150).closest('main') !== null`)).toBe(true);
    }
    await server.close();
    await sees(page, '#state', 'has ended');
    expect(complaints).toEqual([]);
  });

  it("given Stately's inspector, when it comes late, then it takes the place of ours and is told all from the beginning", async () => {
    let come = (): void => undefined;
    const coming = new Promise<void>((resolve) => { come = resolve; });
    await page.route('https://stately.ai/**', async (route) => {
      await coming;
      await route.fulfill({ contentType: 'text/html', body: double });
    });
    for (const message of messages.flat()) hub.publish(message);
    await page.goto(server.url, { waitUntil: 'commit' });
    await sees(page, '#actors tr', 'order/a1');
    come();
    const all = messages.flat().map(({ type }) => type).join(' ');
    await page.frameLocator('#inspector').locator('p', { hasText: `heard: ${all}` }).waitFor();
    expect(await page.locator('main').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });
});
