import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { noopRunner } from '../../../src/adapters/runners/noop/runner.ts';
import { runnerRegistry } from '../../../src/adapters/runners/registry.ts';
import { unpackBlob } from '../../../src/adapters/sources/unpack-blob.ts';
import { openShop, request, run, type Shop } from '../../support/runner/shop.ts';

let shop: Shop;
beforeEach(async () => { shop = await openShop(); });
afterEach(async () => { await shop.close(); });

describe('the noop runner', () => {
  it('given no artifact, when it succeeds, then there is one by digest that can be unpacked, always the same', async () => {
    const first = await run(noopRunner(shop), request('whatever', { artifact: 'dist' }));
    const second = await run(noopRunner(shop), request('else'));
    expect(first).toMatchObject({ status: 'succeeded', metadata: { command: 'whatever', artifactPath: 'dist' } });
    expect(second.metadata.artifact).toBe(first.metadata.artifact);
    await unpackBlob(shop.blobs, first.metadata.artifact ?? '', join(shop.dir, 'out'));
    expect(await readdir(join(shop.dir, 'out'))).toEqual(['noop']);
  });

  it('given an artifact by digest, when it succeeds, then that one is the artifact', async () => {
    const artifact = 'ab'.repeat(32);
    expect((await run(noopRunner(shop), request('whatever', { artifact }))).metadata.artifact).toBe(artifact);
  });
});

describe('the runners of a worker', () => {
  it('given a name nobody has, when it is looked up, then the error names those there are', () => {
    const registry = runnerRegistry([shop.runner(), noopRunner(shop)]);
    expect(registry.get('process').name).toBe('process');
    expect(registry.names).toEqual(['noop', 'process']);
    expect(() => registry.get('docker')).toThrow(expect.objectContaining({ code: 'unknown_runner', retryable: false, message: 'this worker has no runner named "docker"; it has noop, process' }) as Error);
  });
});
