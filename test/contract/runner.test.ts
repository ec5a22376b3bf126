import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noopRunner } from '../../src/adapters/runners/noop/runner.ts';
import { fakeRunner } from '../support/fake/runner.ts';
import { openShop } from '../support/runner/shop.ts';
import { runnerContract, type Course } from './runner.contract.ts';

runnerContract('fake', ['succeed', 'fail', 'hang'], () => {
  const runner = fakeRunner();
  const scripts = { succeed: 'accepted running succeeded', fail: 'running failed', hang: 'running' };
  return Promise.resolve({
    runner,
    another: () => runner.reconnect(),
    course: (course: Course) => Promise.resolve({ head: [], metadata: { 'fake.status': scripts[course] } }),
    began: () => Promise.resolve(runner.started.length),
    close: () => Promise.resolve(),
  });
});

runnerContract('noop', ['succeed'], async () => {
  const shop = await openShop();
  return {
    runner: noopRunner(shop),
    another: () => noopRunner(shop),
    course: () => Promise.resolve({ head: [], metadata: {} }),
    close: () => shop.close(),
  };
});

runnerContract('process', ['succeed', 'fail', 'hang'], async () => {
  const shop = await openShop();
  const marks = join(shop.dir, 'began');
  const commands = { succeed: 'sleep 0.1', fail: 'exit 3', hang: 'sleep 60' };
  return {
    runner: shop.runner(),
    another: () => shop.runner(),
    course: async (course: Course) =>
      ({ head: [await shop.source({ 'a.txt': 'a' })], metadata: { command: `echo x >> ${marks}; ${commands[course]}` } }),
    began: async () => (await readFile(marks, 'utf8')).split('\n').filter(Boolean).length,
    close: () => shop.close(),
  };
});
