import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change, RunSample } from '../../../src/machines/run/runner.ts';
import { openShop, request, run, type Shop } from '../../support/runner/shop.ts';

let shop: Shop;
beforeEach(async () => { shop = await openShop(); });
afterEach(async () => { await shop.close(); });

const outputActor = 'run/r1';
const texts = async (): Promise<string[]> => (await shop.lines()).map(({ line }) => line.text);
const bases = async (): Promise<string[]> => (existsSync(join(shop.dataDir, 'bases')) ? (await readdir(join(shop.dataDir, 'bases'))).toSorted() : []);

/** Says which side it sees, and how often each was built is what the output tells. */
const seeing = 'cat which; ! test -e broken';
const build = (base: Change[], head: Change[], metadata: Record<string, string> = {}, command = seeing): Promise<RunSample> =>
  run(shop.runner(), request(command, { outputActor, ...metadata }, { base, head }));
const good = (): Promise<Change> => shop.source({ which: 'the base\n' });
const better = (): Promise<Change> => shop.source({ which: 'the head\n' });
const broken = (): Promise<Change> => shop.source({ broken: '' });

describe('the sides of a build', () => {
  it('given a base that fails, when it is built, then the base is to blame and the head was never run', async () => {
    const sample = await build([await good(), await broken()], [await better()]);
    expect(sample).toMatchObject({ status: 'failed', metadata: { failedSide: 'base', reason: 'exit_code', exitCode: '1' } });
    expect(sample.metadata.baseVerdict).toBeUndefined();
    expect(await texts()).toEqual(['building the base alone', 'the base']);
    expect(await bases()).toEqual([]);
  });

  it('given a good base and a head that fails, when it is built, then the head is to blame', async () => {
    const sample = await build([await good()], [await better(), await broken()]);
    expect(sample).toMatchObject({ status: 'failed', metadata: { failedSide: 'head', reason: 'exit_code', baseVerdict: 'passed' } });
    expect(await texts()).toEqual(['building the base alone', 'the base', 'the base is good: building the head on it', 'the head']);
  });

  it('given several changes on both sides, when it is built, then each lies over the ones before it and nothing of them is deleted', async () => {
    const base = [await shop.source({ a: 'base 1\n', b: 'base 1\n', c: 'base 1\n' }), await shop.source({ b: 'base 2\n' })];
    const head = [await shop.source({ c: 'head 1\n', d: 'head 1\n' }), await shop.source({ d: 'head 2\n' })];
    expect((await build(base, head, {}, 'cat *')).status).toBe('succeeded');
    expect(await texts()).toEqual(['building the base alone', 'base 1', 'base 2', 'base 1', 'the base is good: building the head on it', 'base 1', 'base 2', 'head 1', 'head 2']);
  });

  it('given a base that leaves files everywhere, when the head is built, then its workspace, home and temp folder are clean', async () => {
    const sample = await build([await good()], [await better()], {}, 'ls -A . $HOME $TMPDIR; touch here $HOME/home $TMPDIR/temp');
    expect(sample.status).toBe('succeeded');
    expect((await texts()).join('\n')).not.toMatch(/here|^home$|^temp$/m);
  });

  it('given no head, when the base is built, then once, and it is to blame, or has the artifact', async () => {
    const base = [await good()];
    const made = await build(base, [], { artifact: 'which' });
    expect(made).toMatchObject({ status: 'succeeded', metadata: { artifactPath: 'which' } });
    expect(await texts()).toEqual(['the base']);
    expect((await build(base, [await better()], { artifact: 'which' })).metadata).toMatchObject({ baseVerdict: 'cached' });
    expect(await build([await broken()], [])).toMatchObject({ status: 'failed', metadata: { failedSide: 'base' } });
    expect(await build([await good()], [], { artifact: 'nowhere' })).toMatchObject({ status: 'failed', metadata: { failedSide: 'base', reason: 'artifact_missing' } });
  });

  it('given an artifact, when base and head are good, then it is the head\'s', async () => {
    const { metadata } = await build([await good()], [await better()], { artifact: 'which' });
    const again = await build([], [{ uri: `source:${metadata.artifact}` }], {}, 'cat which');
    expect(again.status).toBe('succeeded');
    expect((await texts()).at(-1)).toBe('the head');
  });

  it('given a limit on time, when base and head each need most of it, then neither is to blame', async () => {
    expect((await build([await good()], [await better()], { timeoutMs: '1300' }, 'sleep 0.7')).status).toBe('succeeded');
    expect(await build([await good()], [await better()], { timeoutMs: '300' }, 'grep -q head which || sleep 5')).toMatchObject({ metadata: { failedSide: 'base', reason: 'timeout' } });
    expect(await build([await good()], [await better()], { timeoutMs: '300' }, 'grep -q base which || sleep 5')).toMatchObject({ metadata: { failedSide: 'head', reason: 'timeout' } });
  });

  it('given a build that ended, when one looks on the disk, then nothing of either side is left', async () => {
    const id = await shop.runner().trigger(request(seeing, {}, { base: [await good()], head: [await better()] }));
    while ((await shop.runner().status(id)).status === 'running');
    expect(await readdir(join(shop.dataDir, 'runs', id))).toEqual(['result.json', 'started.json']);
  });
});

describe('a base that is known to be good', () => {
  it('given it was built before, when another head comes, then it is not built again, and that is said', async () => {
    const base = [await good()];
    await build(base, [await better()]);
    const before = (await texts()).length;
    const sample = await build(base, [await broken()]);
    expect(sample).toMatchObject({ status: 'failed', metadata: { failedSide: 'head', baseVerdict: 'cached' } });
    const said = (await texts()).slice(before);
    expect(said[0]).toMatch(/^the base is good, build [0-9a-f]{32} found at .*Z: it is not built again$/);
    expect(said.slice(1)).toEqual(['the base']);
    expect(await bases()).toHaveLength(1);
  });

  it('given a base that is good for one way of building, when anything of it differs, then it is built for the other', async () => {
    const [one, two] = [await good(), await better()];
    const head = [await shop.source({ more: 'more' })];
    await build([one, two], head);
    for (const other of [
      () => build([two, one], head), () => build([one], head), () => build([one, two], head, { 'env.X': 'y' }), () => build([one, two], head, { timeoutMs: '60000' }),
      () => build([one, two], head, {}, `${seeing}; true`),
    ]) expect((await other()).metadata).toMatchObject({ baseVerdict: 'passed' });
    expect((await build([one, two], head)).metadata).toMatchObject({ baseVerdict: 'cached' });
  });

  it('given a note that is damaged, half written, or another base\'s, when the base comes again, then it is built and noted anew', async () => {
    const [base, head] = [[await good()], [await better()]];
    await build(base, head);
    const [name = ''] = await bases();
    const note = join(shop.dataDir, 'bases', name);
    const whole = await readFile(note, 'utf8');
    for (const damage of ['', whole.slice(0, 20), 'null', '{"key":1}', whole.replace(/"key":"[0-9a-f]/, '"key":"x')]) {
      await writeFile(note, damage);
      expect((await build(base, head)).metadata).toMatchObject({ baseVerdict: 'passed' });
      expect(JSON.parse(await readFile(note, 'utf8'))).toMatchObject({ key: name.slice(0, 64) });
    }
    expect((await build(base, head)).metadata.baseVerdict).toBe('cached');
  });

  it('given more bases than are kept, when another one comes, then the one that was not used for the longest time is forgotten, and halves with it', async () => {
    const dir = join(shop.dataDir, 'bases');
    const runner = shop.runner({ maxKnownBases: 2 });
    const head = [await better()];
    const all = [await shop.source({ which: '1\n' }), await shop.source({ which: '2\n' }), await shop.source({ which: '3\n' })];
    const verdict = async (base: Change): Promise<string | undefined> => (await run(runner, request(seeing, {}, { base: [base], head }))).metadata.baseVerdict;
    const [one, two, three] = all as [Change, Change, Change];
    await mkdir(dir, { recursive: true });
    const half = join(dir, `${'a'.repeat(64)}.json.99`);
    await writeFile(half, '{');
    await utimes(half, 0, 0);
    for (const base of [one, two]) expect(await verdict(base)).toBe('passed');
    for (const name of await bases()) await utimes(join(dir, name), 1000, 1000);
    expect(await verdict(one)).toBe('cached');
    expect(await verdict(three)).toBe('passed');
    expect(await verdict(one)).toBe('cached');
    expect(await verdict(two)).toBe('passed');
    expect(existsSync(half)).toBe(false);
  });

  it('given a worker that keeps none, when a base comes again, then it is built again', async () => {
    const asked = { base: [await good()], head: [await better()] };
    for (const _ of [1, 2]) expect((await run(shop.runner({ maxKnownBases: 0 }), request(seeing, {}, asked))).metadata).toMatchObject({ baseVerdict: 'passed' });
  });

  it('given several builds on one base at once, when they end, then all are good and the base is noted once', async () => {
    const base = [await good()];
    const heads = await Promise.all(['1', '2', '3'].map((text) => shop.source({ which: text })));
    const ended = await Promise.all(heads.map((head) => build(base, [head])));
    expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(await bases()).toHaveLength(1);
  });
});
