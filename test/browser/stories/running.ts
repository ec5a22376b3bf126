import { expect, it } from 'vitest';
import { lit, press, sees, type Mill } from '../../support/browser/mill.ts';

export function runningStories(mill: Mill): void {
  it('given the page of a build that is not there yet, when it comes, then its step is lit, its output comes line by line, its run is a click away and back, and its end comes by itself', async () => {
    const at = await mill.visit('#/build/paper');
    await sees(at, '.actor-head .state', 'There is none of this name here');
    expect(await at.locator('.chart').isVisible()).toBe(false);
    const build = await mill.begin('paper', 'held');
    await sees(at, '.output', 'the gate is closed');
    await sees(at, '.actor-head .state', /running.*build-artifact/);
    await sees(at, '.lane.running', /build-artifact running/);
    await at.locator('svg.millrace-chart').waitFor();
    expect(await lit(at)).toContain('build.work.build-artifact');
    // Where it is is in sight, with the transition that led there.
    const isSeen = (selector: string): Promise<boolean> => at.evaluate(`(([one, frame]) => one.top >= frame.top && one.bottom <= frame.bottom && one.left >= frame.left && one.right <= frame.right)([document.querySelector('${selector}'), document.querySelector('.chart')].map((one) => one.getBoundingClientRect()))`);
    await expect.poll(() => isSeen('.state.active:not(.open)[data-state$=build-artifact]')).toBe(true);
    await expect.poll(() => isSeen('.label.taken')).toBe(true);
    // What goes on grows, though no record comes.
    const span = (): Promise<string | null> => at.textContent('.axis');
    const before = await span();
    await at.focus('button.bar.running');
    await at.evaluate('window.focused = document.activeElement');
    await expect.poll(span, { timeout: 10_000 }).not.toBe(before);
    // A reader of the screen would read another element as a new one.
    expect(await at.evaluate('window.focused === document.activeElement && document.activeElement.matches(".bar.running")')).toBe(true);
    await sees(at, '.time output', 'record 4 of 4');
    await mill.picture('running');

    await at.click('.family a');
    await sees(at, 'h1', /^run\/build--paper--build-artifact/);
    await sees(at, '.actor-head .state', 'running');
    await sees(at, '.record', /the runner says (accepted|running)/);
    await mill.picture('running-run');
    // What was just refused is not what it would take.
    await press(at, '.actor-head button:text-is("start")');
    await sees(at, '.said', /refused start/);
    expect(await at.locator('.said button').allTextContents()).not.toContain('start');
    await at.click('.family a:has-text("build/paper")');
    await sees(at, 'h1', build);

    await sees(at, '.output', 'the gate is closed');
    await mill.open('paper');
    await sees(at, '.output', 'the gate is open');
    await sees(at, '.actor-head .state', 'completed');
    await sees(at, '.record.chosen', 'finalize done');
    await sees(at, '.lane.done', 'set-active-version');
  });

  const lost = mill.plan('lost-machine', 'quick', { runner: 'vendor' });

  it('given a vendor that lost a build with its machine, then the timeline has the attempt that failed, the pause and the next attempt, each of which leads to its record', async () => {
    await mill.until(lost, 'completed');
    const at = await mill.visit(`#/${lost}`);
    const lane = at.locator('.lane', { hasText: 'build-artifact' });
    await lane.locator('.bar').nth(2).waitFor();
    expect(await lane.locator('.bar').evaluateAll((bars) => bars.map((bar) => bar.getAttribute('aria-label')))).toEqual([
      expect.stringMatching(/build-artifact, attempt: failed after .*the machine was taken away/), expect.stringMatching(/the next attempt of build-artifact, pause before the next attempt: over after \d+ ms/), expect.stringMatching(/build-artifact, attempt 2: done/),
    ]);
    await lane.locator('.bar.failed').click();
    await sees(at, '.record.chosen', 'build-artifact failed: the machine was taken away');
    await sees(at, '.time output', 'record 5 of');
    await sees(at, '.actor-head .state', /waiting.*build-artifact, to be tried again.*waits for the next attempt of build-artifact at/);
    await mill.picture('attempts');
    expect(await lane.locator('.bar').evaluateAll((bars) => bars.map((bar) => bar.getAttribute('class')?.includes('later')))).toEqual([false, false, true]);
    // The step is closed in the chart: it is marked as where the last transition was.
    expect(await at.locator('.state.within').evaluateAll((all) => all.map((one) => one.getAttribute('data-state')))).toEqual(['build.work.build-artifact']);
    await lane.locator('.bar.back-off').click();
    await sees(at, '.record.chosen', 'the next attempt of build-artifact is due');
    // The later run is the first that is named.
    expect(await at.locator('.family a').allTextContents()).toEqual([expect.stringMatching(/--6-0$/), expect.stringMatching(/--4-0$/)]);
  });
}
