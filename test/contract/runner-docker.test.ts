import { afterAll } from 'vitest';
import { buildIdOf } from '../../src/adapters/runners/process/folder.ts';
import { openEngine } from '../support/docker.ts';
import { testImage } from '../support/docker-image.ts';
import { openDockerShop } from '../support/docker-shop.ts';
import { runnerContract, type Course } from './runner.contract.ts';

const engine = await openEngine();
afterAll(() => engine?.close());

const commands: Readonly<Record<Course, string>> = { succeed: 'cat a.txt', fail: 'exit 3', hang: 'sleep 60' };

runnerContract('docker', ['succeed', 'fail', 'hang'], async () => {
  if (engine === undefined) throw new Error('there is no engine');
  const { docker } = engine;
  const shop = await openDockerShop(docker);
  const begun: string[] = [];
  const id = buildIdOf('run/a');
  const events = await docker.getEvents({ filters: { event: ['start'], label: [`millrace.build=${id}`] } });
  events.on('data', (chunk: Buffer) => begun.push(...chunk.toString().split('\n').filter(Boolean)));
  events.on('error', () => undefined);
  return {
    runner: shop.worker({ startGraceMs: 2000 }),
    another: () => shop.worker({ startGraceMs: 2000 }),
    course: async (course) => ({ head: [await shop.source({ 'a.txt': 'a' })], metadata: { image: testImage, command: commands[course] } }),
    failingBase: async () => ({ base: [await shop.source({ 'a.txt': '3' })], head: [await shop.source({ 'a.txt': '0' })], metadata: { image: testImage, command: 'exit $(cat a.txt)' } }),
    began: () => Promise.resolve(begun.length),
    close: async () => {
      (events as unknown as { destroy(): void }).destroy();
      await shop.close();
    },
  };
}, { pausable: true, sides: true, skip: engine === undefined });
