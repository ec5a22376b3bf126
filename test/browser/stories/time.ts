import { expect, it } from 'vitest';
import { lit, sees, type Mill } from '../../support/browser/mill.ts';

export function timeStories(mill: Mill): void {
  it('given a build that is done, then slider, keys, log and chart lead to any moment, the way taken is marked, and time plays by itself to its end', async () => {
    await mill.until(mill.done, 'completed');
    const at = await mill.visit(`#/${mill.done}`);
    await at.locator('svg.millrace-chart').waitFor();
    await sees(at, '.time output', 'record 10 of 10');
    await at.keyboard.press('Home');
    await expect.poll(() => lit(at)).toContain('build.work.receive-source');
    expect(await at.locator('.lane.pending').count()).toBeGreaterThan(8);
    await at.keyboard.press('ArrowRight');
    await expect.poll(() => lit(at)).toContain('build.work.load-source');
    expect(await at.locator('.edge.taken').count()).toBeGreaterThan(0);
    await at.click('.record:has-text("prepare-config done")');
    await sees(at, '.time output', 'record 6 of 10');
    expect(await at.locator('.state.passed').count()).toBeGreaterThan(3);
    await mill.picture('past');
    await at.click('[data-state="build.work.next-version"]');
    await sees(at, '.time output', 'record 3 of 10');
    await at.selectOption('select[aria-label="Go to a state that was passed"]', 'work.prepare-config');
    await sees(at, '.time output', 'record 5 of 10');
    // The address leads to the moment, and past the skip link.
    await expect.poll(() => at.url()).toContain('?record=5');
    await at.reload();
    await sees(at, '.time output', 'record 5 of 10');
    await sees(at, '.record.chosen', 'build-artifact done');
    await at.keyboard.press('Tab');
    await at.keyboard.press('Enter');
    expect(await at.evaluate('document.activeElement.id')).toBe('main');
    expect(at.url()).toContain('?record=5');
    await at.click('.record:has-text("build-artifact done") .cause');
    await sees(at, '.time output', 'record 4 of 10');
    await at.fill('.slider', '8');
    await sees(at, '.record.chosen', 'create-version done');

    await at.focus('.chart');
    await at.keyboard.press('End');
    await at.clock.install();
    await at.keyboard.press(' ');
    await sees(at, '.time output', 'record 1 of 10');
    await at.clock.runFor(3_000);
    await sees(at, '.time output', 'record 5 of 10');
    await at.clock.runFor(5_000);
    await sees(at, '.time output', 'record 10 of 10');
    await sees(at, '.time button', 'play');
    await at.clock.resume();
  });

  it('given a chart, then it is brought nearer, made to fit, and opened deeper', async () => {
    await mill.until(mill.done, 'completed');
    const at = await mill.visit(`#/${mill.done}`);
    await at.locator('svg.millrace-chart').waitFor();
    const width = (): Promise<number> => at.$eval('svg.millrace-chart', (one) => one.getBoundingClientRect().width);
    const before = await width();
    await at.click('button[aria-label=nearer]');
    expect(await width()).toBeCloseTo(before * 1.25, 0);
    await at.click('button:has-text("fit")');
    expect(await width()).toBeLessThanOrEqual(before + 1);
    expect(await at.$eval('.chart', (one) => one.scrollHeight <= one.clientHeight + 1 && one.scrollWidth <= one.clientWidth + 1)).toBe(true);
    await mill.picture('fit');
    // A run's is laid out sooner than a build's.
    await at.click('.family a');
    await sees(at, 'h1', /^run/);
    await at.locator('svg.millrace-chart').waitFor();
    await at.selectOption('select[aria-label=Depth]', '1');
    await expect.poll(() => at.locator('.state').count(), { timeout: 20_000 }).toBeLessThan(12);
    const states = await at.locator('.state').count();
    await at.selectOption('select[aria-label=Depth]', '2');
    await expect.poll(() => at.locator('.state').count(), { timeout: 20_000 }).toBeGreaterThan(states);
  });
}
