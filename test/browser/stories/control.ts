import { expect, it } from 'vitest';
import { press, sees, type Mill } from '../../support/browser/mill.ts';

export function controlStories(mill: Mill): void {
  const build = mill.plan('mill-stone', 'held');

  it('given a build that runs, when it is stopped, started and cancelled from the page, then it and its run do so, a refusal says why and what instead, and each wish is listed with who, why and what came of it', async () => {
    const at = await mill.visit(`#/${build}`);
    await sees(at, '.output', 'the gate is closed');
    await press(at, '.actor-head button:has-text("start")');
    await sees(at, '.said', /build\/mill-stone refused start: it is running.*It would take: stop, cancel\./);
    await mill.picture('refused');
    // Who is at a button is still there when all is drawn anew.
    await at.focus('.actor-head button:has-text("cancel")');
    await mill.millrace.send(build, 'stop');
    await sees(at, '.actor-head .state', 'stopped');
    expect(await at.evaluate('document.activeElement.textContent')).toBe('cancel');
    await press(at, '.actor-head button:text-is("start")');
    await sees(at, '.actor-head .state', 'running');
    await at.click('.actor-head button:text-is("stop")');
    await sees(at, 'dialog', /stop build\/mill-stone\?.*Nothing is undone/i);
    await at.fill('dialog input', 'gone for lunch');
    await at.keyboard.press('Enter');
    await sees(at, '.actor-head .state', 'stopped');
    await at.click('.family a');
    await sees(at, '.actor-head .state', 'stopped');
    await sees(at, '.output', 'the gate is closed');
    await sees(at, 'main', 'It prints to the output of build/mill-stone');
    await at.click('.family a');
    await sees(at, 'h1', build);
    const lastBars = (): Promise<readonly (string | null)[]> => at.locator('[data-lane="build-artifact"] .bar').evaluateAll((all) => all.map((bar) => bar.getAttribute('aria-label')).slice(-2));
    await sees(at, '.lane.stopped', /build-artifact stopped/);
    await expect.poll(lastBars).toEqual([expect.stringMatching(/^build-artifact, attempt: stood still after/), expect.stringMatching(/^build-artifact, stopped since/)]);
    await mill.picture('stopped');

    await press(at, '.actor-head button:text-is("start")');
    await sees(at, '.actor-head .state', 'running');
    await at.click('.actor-head button:has-text("cancel")');
    await sees(at, 'dialog', /cancel build\/mill-stone\?.*what was done is undone/);
    await at.fill('dialog input', 'the wrong branch');
    await at.click('dialog button:has-text("cancel")');
    await sees(at, '.actor-head .state', 'cancelled');
    await sees(at, '.asked li', /completed.*cancel.*“the wrong branch”/);
    await sees(at, '.asked li', /completed.*start.*ann \(console\)/);
    await sees(at, '.asked li', /completed.*stop.*ann \(console\).*“gone for lunch”/);
    await sees(at, '.lane.undone', 'receive-source');
    await sees(at, '.lane.cancelled', /build-artifact cancelled/);
    await expect.poll(lastBars).toEqual([expect.stringMatching(/^build-artifact, stopped for/), expect.stringMatching(/^build-artifact, attempt: ended on request after/)]);
    await at.locator('svg.millrace-chart').waitFor();
    await mill.picture('requests');
  });
}
