import { afterAll } from 'vitest';
import { dockerRunner, type DockerRunner } from '../../src/adapters/runners/docker/runner.ts';
import { buildIdOf } from '../../src/adapters/runners/process/folder.ts';
import { openEngine } from '../support/docker.ts';
import { testImage } from '../support/docker-image.ts';
import { openShop } from '../support/runner/shop.ts';
import { runnerContract, type Course } from './runner.contract.ts';

const engine = await openEngine();
afterAll(() => engine?.close());

const commands: Readonly<Record<Course, string>> = { succeed: 'cat a.txt', fail: 'exit 3', hang: 'sleep 60' };

runnerContract('docker', ['succeed', 'fail', 'hang'], async () => {
  if (engine === undefined) throw new Error('there is no engine');
  const { docker } = engine;
  const shop = await openShop();
  const runners: DockerRunner[] = [];
  const runner = (): DockerRunner => {
    const one = dockerRunner({ docker, ...shop, graceMs: 1000, startGraceMs: 2000 });
    runners.push(one);
    return one;
  };
  const begun: string[] = [];
  const id = buildIdOf('run/a');
  const events = await docker.getEvents({ filters: { event: ['start'], label: [`millrace.build=${id}`] } });
  events.on('data', (chunk: Buffer) => begun.push(...chunk.toString().split('\n').filter(Boolean)));
  events.on('error', () => undefined);
  return {
    runner: runner(),
    another: runner,
    course: async (course) => ({ head: [await shop.source({ 'a.txt': 'a' })], metadata: { image: testImage, command: commands[course] } }),
    began: () => Promise.resolve(begun.length),
    close: async () => {
      (events as unknown as { destroy(): void }).destroy();
      for (const one of runners) one.close();
      await shop.close();
    },
  };
}, { pausable: true, skip: engine === undefined });
