import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { sees, type Mill } from '../../support/browser/mill.ts';

const focused = (at: Page): Promise<string> => at.evaluate('document.activeElement.textContent');

export function boardStories(mill: Mill): void {
  const { failed, held } = mill;

  it('given the board, then a build that is begun comes and ends by itself while every other row keeps its place and the focus, and a filter its press; filters and search narrow it; by keys alone a row is searched for, chosen and opened', async () => {
    await mill.until(failed, 'failed');
    const at = await mill.visit();
    await sees(at, '.row', /failed.*build\/broken.*exit code 1/);
    await sees(at, '.row', /running.*build\/held.*build-artifact.*↳ run\/build--held/);
    // A button somebody is pressing stays the same one while its number changes.
    const filter = at.locator('.filters button:has-text("running")');
    await filter.hover();
    await at.mouse.down();
    await mill.begin('new-day', 'held');
    await sees(at, '.row', /running.*build\/new-day/);
    await at.mouse.up();
    await expect.poll(() => filter.getAttribute('aria-pressed')).toBe('true');
    await filter.click();
    await mill.picture('board');
    // A row somebody is about to press stays the same one while others change around it.
    const link = await at.waitForSelector(`.row a:text-is("${held}")`);
    await link.focus();
    await mill.open('new-day');
    await sees(at, '.row', /completed.*build\/new-day/);
    expect(await link.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);

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
    await sees(at, 'p[role=status]', /^2 actors$/);
    await at.focus('input[type=search]');
    await at.keyboard.press('ArrowDown');
    await at.keyboard.press('ArrowDown');
    await sees(at, '.row.current', mill.done);
    expect(await at.textContent(`#${await at.getAttribute('.long-list', 'aria-activedescendant')}`)).toContain(mill.done);
    await mill.picture('board-keys');
    await at.keyboard.press('Enter');
    await sees(at, 'h1', mill.done);
    expect(await focused(at)).toBe(mill.done);
    // The address alone leads to the same board.
    await at.goBack();
    await at.reload();
    await expect.poll(() => at.locator('.row .who a').allTextContents()).toEqual([held, mill.done]);
  });

  it('given a row that somebody is at, by keys, when others come before it, then they are still at that one, and what there is to press in it is the next stop of Tab', async () => {
    await mill.until(failed, 'failed');
    const at = await mill.visit('#/?sort=created');
    await sees(at, '.row', failed);
    await at.focus('.long-list');
    const name = () => at.textContent('.row.current .who a');
    const mine = await name();
    const place = Number(await at.getAttribute('.row.current', 'aria-rowindex'));
    await mill.begin('newest', 'quick');
    await sees(at, '.row', 'build/newest');
    expect(await name()).toBe(mine);
    expect(Number(await at.getAttribute('.row.current', 'aria-rowindex'))).toBe(place + 1);
    expect(await at.textContent(`#${await at.getAttribute('.long-list', 'aria-activedescendant')}`)).toContain(mine);
    // From there, and not from where they once were, arrows go on.
    await at.keyboard.press('ArrowDown');
    await expect.poll(() => at.getAttribute('.row.current', 'aria-rowindex')).toBe(String(place + 2));
    await at.keyboard.press('ArrowUp');
    await expect.poll(name).toBe(mine);
    await at.keyboard.press('Tab');
    expect(await focused(at)).toBe(mine);
  });
}
