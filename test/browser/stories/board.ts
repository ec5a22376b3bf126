import { expect, it } from 'vitest';
import { sees, type Mill } from '../../support/browser/mill.ts';

export function boardStories(mill: Mill): void {
  const { failed, held } = mill;

  it('given the board, then a build that is begun comes and ends by itself; filters and search narrow it; by keys alone a row is searched for, chosen and opened', async () => {
    await mill.until(failed, 'failed');
    const at = await mill.visit();
    await sees(at, '.row', /failed.*build\/broken.*exit code 1/);
    await sees(at, '.row', /running.*build\/held.*build-artifact.*↳ run\/build--held/);
    await mill.begin('new-day', 'held');
    await sees(at, '.row', /running.*build\/new-day/);
    await mill.picture('board');
    await mill.open('new-day');
    await sees(at, '.row', /completed.*build\/new-day/);

    await at.click('.filters button:has-text("failed")');
    await expect.poll(() => at.locator('.row .badge').allTextContents()).not.toContain('running');
    await at.click('.filters button:has-text("failed")');
    await at.keyboard.press('/');
    await at.keyboard.type('broken exit');
    await expect.poll(() => at.locator('.row .who a').allTextContents()).toEqual([failed]);
    await at.fill('input[type=search]', 'nothing-is-called-so');
    await sees(at, '.none', 'Nothing is like that.');
    await at.fill('input[type=search]', 'e');
    await at.fill('input[type=search]', 'build/h');
    await at.selectOption('select[aria-label=Order]', 'actor');
    await expect.poll(() => at.locator('.row .who a').allTextContents()).toEqual([held, mill.done]);
    await at.focus('input[type=search]');
    await at.keyboard.press('ArrowDown');
    await at.keyboard.press('ArrowDown');
    expect(await at.textContent(`#${await at.getAttribute('.long-list', 'aria-activedescendant')}`)).toContain(mill.done);
    await mill.picture('board-keys');
    await at.keyboard.press('Enter');
    await sees(at, 'h1', mill.done);
  });

  it('given a row somebody is about to press, when others change around it, then it is still the same row', async () => {
    const at = await mill.visit();
    await sees(at, '.row', held);
    const link = await at.waitForSelector(`.row a:text-is("${held}")`);
    await link.focus();
    const other = await mill.begin('other-thing', 'quick');
    await mill.until(other, 'completed');
    await sees(at, '.row', /completed.*build\/other-thing/);
    expect(await link.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
  });
}
