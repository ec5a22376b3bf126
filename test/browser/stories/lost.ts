import { expect, it } from 'vitest';
import { press, sees, type Mill } from '../../support/browser/mill.ts';

export function lostStories(mill: Mill): void {
  const build = mill.plan('stormy', 'held');

  it('given a page that is looked at, when the console and then the nats-server are killed, then it says so each time, and catches up by itself when they are there again', async () => {
    const at = await mill.visit(`#/${build}`);
    await sees(at, '.output', 'the gate is closed');
    const { back } = await mill.killConsole();
    await sees(at, 'nav .link', 'the console is away');
    await press(at, '.actor-head button:text-is("stop")');
    await sees(at, '.said', /so nothing was sent\. Press again once the connection is back/);
    await mill.millrace.send(build, 'stop');
    await mill.until(build, 'stopped');
    await back();
    await sees(at, '.actor-head .state', 'stopped');
    await sees(at, 'nav .link', '1 worker');
    await press(at, '.actor-head button:text-is("start")');
    await sees(at, '.actor-head .state', 'running');

    await mill.nats.kill();
    try {
      await sees(at, 'nav .link', /is away since .*what you see is as it was/);
      await press(at, '.actor-head button:text-is("stop")');
      await mill.picture('lost');
      await mill.open('stormy');
    } finally {
      await mill.nats.restart();
    }
    await sees(at, 'nav .link', '1 worker');
    expect(await at.locator('body.lost').count()).toBe(0);
    await sees(at, '.actor-head .state', /completed|stopped/);
  });
}
