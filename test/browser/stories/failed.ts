import { expect, it } from 'vitest';
import { lit, sees, type Mill } from '../../support/browser/mill.ts';

export function failedStories(mill: Mill): void {
  it('given a build that failed and was undone, then the page says why, what was undone and what the compiler said, and a step that is clicked leads to its record', async () => {
    await mill.until(mill.failed, 'failed');
    const at = await mill.visit(`#/${mill.failed}`);
    await sees(at, '.trouble', /The build failed: .*exit code 1.*build output: show the output.*The step build-artifact failed\. Undone: next-version, receive-source/);
    await sees(at, '.output', 'greetings.mill');
    await at.locator('svg.millrace-chart').waitFor();
    expect(await lit(at)).toContain('build.work.failed');
    expect(await at.locator('.lane').filter({ has: at.locator('.bar.undo') }).locator('.lane-name').allTextContents()).toEqual(['receive-source undone', 'next-version undone']);
    await mill.picture('failed');
    await at.evaluate('scrollTo(0, 0)');
    await at.click('.trouble button:text-is("show the output")');
    expect(await at.evaluate(`document.activeElement.className`)).toBe('output');
    await expect.poll(() => at.evaluate(`scrollY > 0`)).toBe(true);
    expect(at.url()).toContain(`#/${mill.failed}`);

    await at.click('.lane:has-text("build-artifact") .bar.failed');
    await sees(at, '.record.chosen', /build-artifact failed/);
    await sees(at, '.detail', '"status": "failed"');
    await expect.poll(() => lit(at)).toContain('build.work.undo-next-version');
    await sees(at, '.actor-head .state', /undoing next-version.*as it was then; now it is failed/);
    await at.click('.lane:has-text("next-version") .bar.undo');
    await sees(at, '.record.chosen', 'next-version undone');
  });
}
