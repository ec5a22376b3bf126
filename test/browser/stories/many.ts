import { expect, it } from 'vitest';
import { longRun, manyRows } from '../../support/browser/many.ts';
import { sees, type Mill } from '../../support/browser/mill.ts';

const count = 10_000;

export function manyStories(mill: Mill): void {
  it('given a board of 10,000 builds, then wheel and keys go through all of it, only what is seen is in the page, and search finds one', async () => {
    await manyRows(mill.millrace, count);
    const at = await mill.visit();
    await at.fill('input[type=search]', 'bulk-');
    await at.selectOption('select[aria-label=Order]', 'actor');
    await sees(at, '.tools output', `${count} actors`);
    await at.hover('.long-list');
    await at.mouse.wheel(0, 50_000);
    await sees(at, '.row', 'build/bulk-00893');
    expect(await at.locator('.row').count()).toBeLessThan(60);
    await at.$eval('.long-list', (one) => { one.scrollTop = one.scrollHeight; });
    await sees(at, '.row', 'build/bulk-09999');
    await mill.picture('board-10000');
    await at.focus('.long-list');
    // Who comes to the list is at a row that is seen.
    await sees(at, '.row.current', /build\/bulk-099[89]\d/);
    await at.keyboard.press('Home');
    await sees(at, '.row.current', 'build/bulk-00000');
    for (let i = 0; i < 10; i++) await at.keyboard.press('PageDown');
    // The last of the keys is drawn by then.
    await at.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    let place = 0;
    await expect.poll(async () => {
      place = Number(/\d+$/.exec((await at.textContent('.row.current .who a', { timeout: 1_000 }).catch(() => null)) ?? '')?.[0]);
      return place > 100 && await at.getAttribute('.row.current', 'aria-rowindex') === String(place + 1);
    }, { timeout: 10_000 }).toBe(true);
    // Back from an actor, somebody is where they were: the same board, the same row, under the keys.
    const row = await at.textContent('.row.current .who a');
    await at.keyboard.press('Enter');
    await sees(at, 'h1', row ?? '');
    await at.goBack();
    await sees(at, '.row.current', row ?? '');
    expect(await at.inputValue('input[type=search]')).toBe('bulk-');
    await at.keyboard.press('ArrowUp');
    await sees(at, '.row.current', `bulk-${String(place - 1).padStart(5, '0')}`);
    await at.fill('input[type=search]', 'bulk-07777');
    await sees(at, '.tools output', /^1 actor$/);
    await sees(at, '.row', 'build/bulk-07777');
  });

  it('given a run with a log of 10,000 records, then wheel, keys and slider reach any of them, and the timeline stays one that can be drawn', async () => {
    const run = await longRun(mill.millrace, 'patient', count);
    const at = await mill.visit(`#/${run}`);
    await sees(at, '.time output', `record ${count} of ${count}`);
    await sees(at, '.record.chosen', /runner says running|next check is due/);
    await at.hover('.log');
    await at.mouse.wheel(0, -30_000);
    await sees(at, '.record .seq', /^90\d\d$/);
    await at.keyboard.press('Home');
    await sees(at, '.record.chosen', 'created');
    await at.focus('.log');
    for (let i = 0; i < 5; i++) await at.keyboard.press('PageDown');
    await at.keyboard.press('Enter');
    await sees(at, '.time output', /record [3-9]\d of/);
    await at.fill('.slider', '7000');
    await sees(at, '.record.chosen .seq', '7000');
    await sees(at, '.detail', '"seq": 7000');
    expect(await at.locator('.bar').count()).toBeLessThan(700);
    expect(await at.locator('.record').count()).toBeLessThan(60);
    await at.locator('svg.millrace-chart').waitFor();
    await mill.picture('log-10000');
  });
}
