import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runnerCases, type BuildId, type BuildRunner, type CaseOptions, type Course, type PausableRunner } from '../../src/adapters/runners/contract/cases.ts';
import { memoryRunner, type Jobs } from '../../examples/runners/memory/memory.ts';

type Break = (runner: BuildRunner) => BuildRunner;

const ended = new Set(['succeeded', 'failed', 'cancelled']);

/** Names of the rules that a runner breaks. */
async function broken(change: Break, options: CaseOptions = {}): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of runnerCases(['succeed', 'fail', 'hang'], options)) {
    const jobs: Jobs = new Map();
    const open = (): BuildRunner => change(memoryRunner(jobs));
    const harness = {
      runner: open(), another: open, course: (course: Course) => Promise.resolve({ head: [], metadata: { course } }),
      failingBase: () => Promise.resolve({ base: [{ uri: 'git:1' }], head: [{ uri: 'git:2' }], metadata: { course: 'fail' } }),
      began: () => Promise.resolve(jobs.size), close: () => Promise.resolve(),
    };
    await run(harness).catch((error: unknown) => {
      expect(error).toBeInstanceOf(Error);
      names.push(name);
    });
  }
  return names;
}

let calls = 0;

const mutants: readonly { readonly what: string; readonly change: Break; readonly rule: string }[] = [
  { what: 'starts a second build for a key', rule: 'the same key', change: (runner) => ({ ...runner, trigger: (request) => runner.trigger({ ...request, idempotencyKey: `${request.idempotencyKey}-${calls++}` }) }) },
  { what: 'has one build for all keys', rule: 'two keys', change: (runner) => ({ ...runner, trigger: (request) => runner.trigger({ ...request, idempotencyKey: 'one' }) }) },
  { what: 'loses metadata', rule: 'given metadata', change: (runner) => ({ ...runner, status: async (id) => ({ status: (await runner.status(id)).status, metadata: {} }) }) },
  { what: 'cuts the values of metadata at a line end', rule: 'given metadata', change: (runner) => ({
    ...runner,
    async status(id) {
      const { status, metadata } = await runner.status(id);
      return { status, metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, value.split('\n')[0] ?? ''])) };
    },
  }) },
  { what: 'throws at the cancel of a build that has ended', rule: 'given an ended build', change: (runner) => ({
    ...runner,
    async cancel(id) {
      if (ended.has((await runner.status(id)).status)) throw new Error('it has ended');
      await runner.cancel(id);
    },
  }) },
  { what: 'cancels what has ended', rule: 'given an ended build', change: (runner) => {
    const cancelled = new Set<BuildId>();
    return { ...runner, cancel: async (id) => { await runner.cancel(id); cancelled.add(id); }, status: async (id) => (cancelled.has(id) ? { status: 'cancelled', metadata: {} } : runner.status(id)) };
  } },
  { what: 'changes its mind about how a build ended', rule: 'goes well', change: (runner) => {
    const seen = new Set<BuildId>();
    return {
      ...runner,
      async status(id) {
        const sample = await runner.status(id);
        if (!ended.has(sample.status) || !seen.has(id)) return ended.has(sample.status) ? (seen.add(id), sample) : sample;
        return { ...sample, status: 'running' };
      },
    };
  } },
  { what: 'knows no build of another worker', rule: 'whoever asks', change: (runner) => {
    const mine = new Set<BuildId>();
    return {
      ...runner,
      async trigger(request) {
        const id = await runner.trigger(request);
        mine.add(id);
        return id;
      },
      status: (id) => (mine.has(id) ? runner.status(id) : Promise.reject(Object.assign(new Error('no'), { code: 'unknown_build', retryable: false }))),
    };
  } },
  { what: 'accepts ids nobody was given', rule: 'an id nobody was given', change: (runner) => ({ ...runner, cancel: (id) => runner.cancel(id).catch(() => undefined) }) },
  { what: 'says of an unknown build that a retry may help', rule: 'an id nobody was given', change: (runner) => ({ ...runner, status: (id) => runner.status(id).catch((error: Error) => { throw Object.assign(error, { retryable: true }); }) }) },
  { what: 'blames nobody for a build that fails', rule: 'goes wrong', change: (runner) => ({
    ...runner,
    async status(id) {
      const { status, metadata } = await runner.status(id);
      return { status, metadata: status === 'failed' ? { ...metadata, infrastructure: 'true' } : metadata };
    },
  }) },
  { what: 'lets a cancelled build succeed', rule: 'it ends cancelled', change: (runner) => ({ ...runner, status: async (id) => { const sample = await runner.status(id); return sample.status === 'cancelled' ? { ...sample, status: 'succeeded' } : sample; } }) },
  { what: 'has a word of its own for a status', rule: 'goes well', change: (runner) => ({ ...runner, status: async (id) => { const sample = await runner.status(id); return sample.status === 'running' ? { ...sample, status: 'busy' as 'running' } : sample; } }) },
];

describe('the contract suite', () => {
  it('given a runner that keeps the contract, when it is run, then nothing is broken', async () => {
    expect(await broken((runner) => runner)).toEqual([]);
  });

  it.each(mutants)('given a runner that $what, when it is run, then that is found', async ({ change, rule }) => {
    expect(await broken(change)).toEqual(expect.arrayContaining([expect.stringContaining(rule) as string]));
  });

  it('given a runner that says it can pause, or that it knows its sides, and cannot, when it is run, then that is found', async () => {
    const found = await broken((runner) => runner, { pausable: true, sides: true });
    expect(found).toHaveLength(4);
    const stuck = await broken((runner): PausableRunner => ({
      ...runner, stop: () => Promise.resolve(), start: () => Promise.resolve(1), progress: async (id) => ({ generation: 1, state: ended.has((await runner.status(id)).status) ? 'ended' : 'running' }),
    }), { pausable: true });
    expect(stuck).toEqual(expect.arrayContaining([expect.stringContaining('a new generation') as string]));
  });
});

describe('the documentation of the suite', () => {
  it('given what it tells people to write, when it is compared, then it is the test of the example, and the package exports the suite by that name', () => {
    const example = readFileSync('examples/runners/memory/memory.test.ts', 'utf8').replaceAll(/'\.\.\/.*cases\.ts'/g, `'millrace/testing'`);
    expect(readFileSync('docs/runners.md', 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, { default: string }> };
    expect(exports['./testing']?.default).toBe('./dist/src/adapters/runners/contract/cases.js');
  });
});
