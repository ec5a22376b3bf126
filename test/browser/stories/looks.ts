import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { press, sees, type Mill } from '../../support/browser/mill.ts';

/** Everything in light; in dark what depends on colours. */
async function violations(at: Page): Promise<readonly string[]> {
  await at.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await at.emulateMedia({ colorScheme });
    const results = await at.evaluate(colorScheme === 'dark' ? `axe.run({ runOnly: ['color-contrast'] })` : 'axe.run()') as AxeResults;
    found.push(...results.violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(' ')}`));
  }
  return found;
}

/** Names of what can be used with the mouse and is not come to with Tab. Of a list, only the row somebody is at. */
async function notReached(at: Page): Promise<unknown> {
  // By what they say: a row may be drawn anew meanwhile.
  await at.evaluate(`window.named = (one) => [one.tagName, one.ariaLabel, one.getAttribute('href'), one.title, one.className, one.textContent.slice(0, 60)].join(' '); window.reached = new Set(); document.addEventListener('focusin', ({ target }) => window.reached.add(named(target)))`);
  const missing = `[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')].filter((one) => one.checkVisibility() && one.closest('.row:not(.current)') === null && !one.disabled).map(named).filter((name) => !window.reached.has(name))`;
  const count = await at.evaluate(`${missing}.length`) as number;
  for (let i = 0; i < 2 * count + 20; i++) {
    if (i % 10 === 0 && await at.evaluate(`${missing}.length`) === 0) break;
    await at.keyboard.press('Tab');
  }
  return at.evaluate(missing);
}

/** What Tab leads to, from the top of the page on, once around. */
async function tabbed(at: Page): Promise<readonly string[]> {
  const name = `(({ activeElement: one }) => one === document.body ? '' : one.ariaLabel ?? (one.labels?.[0] ?? one).textContent.trim().slice(0, 30))(document)`;
  await at.focus('.skip');
  const names = [await at.evaluate(name) as string];
  for (let i = 0; i < 80; i++) {
    await at.keyboard.press('Tab');
    const now = await at.evaluate(name) as string;
    if (now === '' || now === names[0]) break;
    if (now !== names.at(-1)) names.push(now);
  }
  return names;
}

/** In every page. */
const top = ['to the content', 'Millrace', 'Board', 'Dead letters'];

export function looksStories(mill: Mill): void {
  const { failed, held } = mill;

  it('given the board, light or dark, then nothing hides from who reads by ear or needs contrast, and all is reached by keys', async () => {
    await mill.until(failed, 'failed');
    const at = await mill.visit();
    await sees(at, '.row', failed);
    expect(await violations(at)).toEqual([]);
    await mill.picture('board-dark');
    await at.fill('input[type=search]', failed);
    await sees(at, '.tools output', /^1 actor$/);
    expect(await tabbed(at)).toEqual([...top, 'Search', 'Type', 'Order', 'with children', 'failed 1', 'Actors', failed]);
    await at.fill('input[type=search]', '');
    await sees(at, '.tools output', /^\d\d/);
    expect(await notReached(at)).toEqual([]);
  });

  it('given a failed build, light or dark, then likewise', async () => {
    await mill.until(failed, 'failed');
    const at = await mill.visit(`#/${failed}`);
    await sees(at, '.output', 'greetings.mill');
    await at.locator('svg.millrace-chart').waitFor();
    expect(await violations(at)).toEqual([]);
    await mill.picture('failed-dark');
    const main = ['to the content', 'stop', 'cancel', 'run/build--broken', 'Record', 'play', 'Depth', 'farther', 'Drawing', 'Log', 'with other data', 'Record and context', 'Timeline', 'Output'];
    const order = (await tabbed(at)).flatMap((name) => main.filter((one) => name.startsWith(one) && (one !== 'Record' || name === 'Record')).slice(-1));
    expect(order).toEqual(main);
    expect(await notReached(at)).toEqual([]);
  });

  it('given a window as narrow as a telephone, then nothing of a page is outside of it, and of a record nothing outside of its row', async () => {
    await mill.until(failed, 'failed');
    const at = await mill.visit(`#/${failed}`);
    const size = at.viewportSize();
    await at.setViewportSize({ width: 420, height: 860 });
    try {
      await at.locator('svg.millrace-chart').waitFor();
      await sees(at, '.record', /← 4/);
      expect(await at.evaluate('document.documentElement.scrollWidth')).toBe(420);
      const outside = `[...document.querySelectorAll('.record')].flatMap((row) => [...row.children].filter((one) => one.getBoundingClientRect().bottom > row.getBoundingClientRect().bottom + 1)).map(({ textContent }) => textContent)`;
      expect(await at.evaluate(outside)).toEqual([]);
      await mill.picture('narrow');
    } finally {
      if (size !== null) await at.setViewportSize(size);
    }
  });

  it('given a running build, a refusal, a question and the dead letters, light or dark, then likewise', async () => {
    const at = await mill.visit(`#/${held}`);
    await sees(at, '.output', 'the gate is closed');
    await press(at, '.actor-head button:text-is("start")');
    await sees(at, '.said', 'refused start');
    await at.locator('svg.millrace-chart').waitFor();
    expect(await violations(at)).toEqual([]);
    await mill.picture('running-dark');
    await at.click('.actor-head button:has-text("cancel")');
    await at.locator('dialog').waitFor();
    expect(await violations(at)).toEqual([]);
    await at.keyboard.press('Escape');
    await at.click('nav a:text-is("Dead letters")');
    await sees(at, '.dead', /There are none|retry/);
    expect(await violations(at)).toEqual([]);
    expect((await tabbed(at)).slice(0, top.length)).toEqual(top);
    expect(await notReached(at)).toEqual([]);
  });
}
