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

/** Names of what can be used with the mouse and is not come to with Tab. */
async function notReached(at: Page): Promise<unknown> {
  // By what they say: a row may be drawn anew meanwhile.
  await at.evaluate(`window.named = (one) => [one.tagName, one.ariaLabel, one.getAttribute('href'), one.title, one.className, one.textContent.slice(0, 60)].join(' '); window.reached = new Set(); document.addEventListener('focusin', ({ target }) => window.reached.add(named(target)))`);
  const missing = `[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')].filter((one) => one.checkVisibility() && !one.disabled).map(named).filter((name) => !window.reached.has(name))`;
  const count = await at.evaluate(`${missing}.length`) as number;
  for (let i = 0; i < 2 * count + 20; i++) {
    if (i % 10 === 0 && await at.evaluate(`${missing}.length`) === 0) break;
    await at.keyboard.press('Tab');
  }
  return at.evaluate(missing);
}

export function looksStories(mill: Mill): void {
  const { failed, held } = mill;

  it('given the board, light or dark, then nothing hides from who reads by ear or needs contrast, and all is reached by keys', async () => {
    await mill.until(failed, 'failed');
    const at = await mill.visit();
    await sees(at, '.row', failed);
    expect(await violations(at)).toEqual([]);
    await mill.picture('board-dark');
    expect(await notReached(at)).toEqual([]);
  });

  it('given a failed build, light or dark, then likewise', async () => {
    await mill.until(failed, 'failed');
    const at = await mill.visit(`#/${failed}`);
    await sees(at, '.output', 'greetings.mill');
    await at.locator('svg.millrace-chart').waitFor();
    expect(await violations(at)).toEqual([]);
    await mill.picture('failed-dark');
    expect(await notReached(at)).toEqual([]);
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
  });
}
