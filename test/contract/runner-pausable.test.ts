import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { pausableProcess } from '../../src/adapters/runners/process/pausable.ts';
import { isPausable } from '../../src/machines/run/pausable.ts';
import { eventually, openShop, pause, request, untilEnded } from '../support/runner/shop.ts';
import { runnerContract, type Course } from './runner.contract.ts';

const commands: Readonly<Record<Course, string>> = { succeed: 'sleep 0.1', fail: 'exit 3', hang: 'sleep 60' };

runnerContract('process, pausable', ['succeed', 'fail', 'hang'], async () => {
  const shop = await openShop();
  return {
    runner: pausableProcess(shop.runner(), shop.dataDir),
    another: () => pausableProcess(shop.runner(), shop.dataDir),
    course: (course) => Promise.resolve({ head: [], metadata: { command: commands[course] } }),
    close: () => shop.close(),
  };
}, { pausable: true });

describe('a process that is stopped', () => {
  it('given a build with children that count, when it is stopped, then none counts on until it is started, and then all do', async () => {
    const shop = await openShop();
    try {
      const runner = pausableProcess(shop.runner(), shop.dataDir);
      expect([isPausable(runner), isPausable(shop.runner())]).toEqual([true, false]);
      const ticks = join(shop.dir, 'ticks');
      const id = await runner.trigger(request(`for i in 1 2; do (while :; do echo x >> ${ticks}; sleep 0.02; done) & done; wait`));
      const count = async (): Promise<number> => (await readFile(ticks, 'utf8').catch(() => '')).length;
      await eventually(async () => (await count()) > 4);
      await runner.stop(id);
      const frozen = await count();
      await pause(300);
      expect(await count()).toBe(frozen);
      await runner.start(id);
      await eventually(async () => (await count()) > frozen + 4);
      await runner.stop(id);
      await runner.cancel(id);
      expect(await untilEnded(runner, id)).toMatchObject({ status: 'cancelled' });
      expect(await runner.progress(id)).toEqual({ generation: 2, state: 'ended' });
    } finally {
      await shop.close();
    }
  });
});
