import { jetstream } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import { press, sees, type Mill } from '../../support/browser/mill.ts';

export function deadStories(mill: Mill): void {
  const build = mill.plan('early-bird', 'held');

  it('given a start that came too early from a plain client, then it is a dead letter that says why; retried once the build is stopped, it starts it', async () => {
    await mill.until(build, 'running');
    const at = await mill.visit(`#/${build}`);
    await sees(at, '.output', 'the gate is closed');
    await jetstream(mill.millrace.broker.nc).publish('millrace.cmd.build.early-bird.start', '{"reason":"from a script"}');
    await at.click('nav a:text-is("Dead letters")');
    const letter = 'article:has-text("build/early-bird")';
    await sees(at, letter, /start for build\/early-bird.*it is running.*retry/);
    await at.click(`${letter} button:has-text("show")`);
    await sees(at, `${letter} pre`, 'from a script');
    // It stays open while others come.
    await jetstream(mill.millrace.broker.nc).publish('millrace.cmd.build.later-bird.trigger', '{"app":');
    await sees(at, 'article', 'build/later-bird');
    expect(await at.textContent(`${letter} pre`)).toContain('from a script');
    await mill.picture('dead');
    await at.click(`${letter} a`);
    await press(at, '.actor-head button:text-is("stop")');
    await sees(at, '.actor-head .state', 'stopped');
    await at.click('nav a:text-is("Dead letters")');
    await at.click(`${letter} button:text-is("retry")`);
    await at.locator(letter).waitFor({ state: 'detached' });
    await at.goBack();
    await sees(at, '.actor-head .state', 'running');
    await sees(at, '.asked li', /start.*“from a script”/);
    await mill.open('early-bird');
  });

  it('given a command that is no JSON, then it can be dropped, after a question', async () => {
    await jetstream(mill.millrace.broker.nc).publish('millrace.cmd.build.torn.trigger', '{"app":');
    const at = await mill.visit('#/dead');
    const letter = 'article:has-text("build/torn")';
    await at.click(`${letter} button:text-is("drop")`);
    await sees(at, 'dialog', 'drop trigger for build/torn?');
    await at.click('dialog button:text-is("drop")');
    await at.locator(letter).waitFor({ state: 'detached' });
  });
}
