import { expect, it } from 'vitest';
import { seal } from '../../../src/kernel/chain.ts';
import { lit, sees, type Mill } from '../../support/browser/mill.ts';
import { storeAll } from '../../support/stored.ts';

export function whatIfStories(mill: Mill): void {
  it('given a past moment of a build, when a step is supposed to fail, then the chart shows where that would lead and which effects it would ask for, and nothing is stored', async () => {
    const at = await mill.visit(`#/${mill.held}`);
    await sees(at, '.output', 'the gate is closed');
    await at.locator('svg.millrace-chart').waitFor();
    await at.click('.record >> nth=1');
    await sees(at, 'select[aria-label="What if"]', 'load-source fails');
    await at.selectOption('select[aria-label="What if"]', { label: 'load-source fails' });
    const passed = (): Promise<readonly (string | null)[]> => at.locator('.state.passed').evaluateAll((all) => all.map((one) => one.getAttribute('data-state')));
    await expect.poll(passed).not.toContain('build.work.build-artifact');
    const before = await passed();
    await at.click('button:has-text("try")');
    await sees(at, '.suppose .told', /It would be waiting: load-source, to be tried again. It would wait for the next attempt of load-source. Nothing was done/);
    expect(await at.getAttribute('.chart', 'class')).toContain('supposed');
    // What came to pass later is no part of the way to what is supposed.
    expect(await passed()).toEqual(before);
    await at.selectOption('select[aria-label="What if"]', { label: 'cancel' });
    await at.click('button:has-text("try")');
    await sees(at, '.suppose .told', /It would be undoing: load-source. It would end load-source/);
    await mill.picture('what-if');
    // The good way by itself: what is offered is what the run of a good build says.
    await at.click('.time button:has-text("now")');
    await sees(at, '.time output', /record (\d+) of \1$/);
    await at.selectOption('select[aria-label="What if"]', { label: 'build-artifact is done' });
    await at.click('button:has-text("try")');
    await sees(at, '.suppose .told', /It would be running: .*prepare-config.*It would run .*prepare-config/);
    await at.click('.suppose summary');
    const offered = JSON.parse(await at.inputValue('.suppose textarea')) as object;
    await at.fill('.suppose textarea', JSON.stringify({ ...offered, output: null }));
    await at.click('button:has-text("try")');
    await sees(at, '.suppose .told', /It would be undoing: undoing next-version, because: The run ended with something unreadable/);
    await at.fill('.suppose textarea', '{');
    await at.click('button:has-text("try")');
    await sees(at, '.suppose .told', 'not JSON');
    expect((await mill.millrace.history(mill.held)).map(({ type }) => type)).not.toContain('cancel');
  });

  it('given a busy run that is followed, when data is typed in, then it and the choice stay while records come, and what was tried stays in sight', async () => {
    const at = await mill.visit(`#/${mill.held}`);
    await sees(at, '.output', 'the gate is closed');
    await at.click('.family a');
    const busy = (await at.textContent('h1')) ?? '';
    await sees(at, 'select[aria-label="What if"]', 'promise');
    await at.selectOption('select[aria-label="What if"]', { label: 'promise' });
    await at.click('.suppose summary');
    await at.fill('.suppose textarea', '{ "exitStatus": 7 }');
    const length = async (): Promise<number> => Number((await at.textContent('.time output'))?.split(' ').at(-1));
    const goOn = async (): Promise<void> => {
      const before = await length();
      await mill.millrace.send(busy, 'signal', {});
      await expect.poll(length, { timeout: 10_000 }).toBeGreaterThan(before + 1);
    };
    await goOn();
    await sees(at, '.time output', /record (\d+) of \1$/);
    expect(await at.inputValue('.suppose textarea')).toBe('{ "exitStatus": 7 }');
    expect(await at.$eval('select[aria-label="What if"]', (one) => (one as unknown as { selectedOptions: { textContent: string }[] }).selectedOptions[0]?.textContent)).toBe('promise');
    await at.click('button:has-text("try")');
    await sees(at, '.suppose .told', 'It would be');
    const lights = await lit(at);
    await goOn();
    await sees(at, '.suppose .told', 'It would be');
    expect(await lit(at)).toEqual(lights);
    expect(await at.inputValue('.suppose textarea')).toBe('{ "exitStatus": 7 }');
    await at.click('.time button:has-text("now")');
    await sees(at, '.time output', /record (\d+) of \1$/);
  });

  it('given an actor whose machine the console does not know, then nothing is offered to be tried, and the page says why', async () => {
    const actor = 'stranger/s1';
    await storeAll(mill.millrace.broker, [seal(undefined, { actor, seq: 1, at: 1_790_000_000_000, type: 'actor.created', cause: actor, machine: { name: 'stranger', version: '1', hash: 'x' }, data: { input: {} } })]);
    const at = await mill.visit(`#/${actor}`);
    await sees(at, '.side', 'the machine of stranger/s1 is not known to this console. start the console with --machines');
    expect(await at.isVisible('.suppose')).toBe(false);
  });
}
