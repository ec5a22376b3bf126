import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuildId } from '../../../src/machines/run/runner.ts';
import { eventually, openShop, processesWith, request, run, untilEnded, type Shop } from '../../support/runner/shop.ts';

let shop: Shop;
beforeEach(async () => { shop = await openShop(); });
afterEach(async () => { await shop.close(); });

const outputActor = 'build/b1';
const texts = async (source?: string): Promise<string[]> =>
  (await shop.lines()).filter(({ line }) => source === undefined || line.source === source).map(({ line }) => line.text);
const runFolder = (id: BuildId): string => join(shop.dataDir, 'runs', id);

describe('a build as a process', () => {
  it('given a base and a head, when the command runs, then it sees the base with the head laid over it', async () => {
    const base = await shop.source({ 'a.txt': 'base a', 'dir/b.txt': 'base b', 'dir/c.txt': 'base c' });
    const head = await shop.source({ 'dir/b.txt': 'head b' });
    const sample = await run(shop.runner(), request('cat a.txt dir/b.txt dir/c.txt', { outputActor }, { base: [base], head: [head] }));
    expect(sample.status).toBe('succeeded');
    expect((await texts('stdout')).at(-1)).toBe('base ahead bbase c');
  });

  it('given secrets in the environment of the worker, when a build looks for them, then it finds only what it was given', async () => {
    process.env.MILLRACE_TEST_SECRET = 'hunter2';
    try {
      const sample = await run(shop.runner(), request('env; tr "\\0" "\\n" < /proc/$PPID/environ', { outputActor, 'env.GREETING': 'hello there' }));
      const lines = await texts();
      expect(sample.status).toBe('succeeded');
      expect(lines).toContain('GREETING=hello there');
      expect(lines.find((line) => line.startsWith('MILLRACE_BUILD='))).toMatch(/=run\/test-/);
      expect(lines.join('\n')).not.toContain('hunter2');
      const allowed = new Set(['PATH', 'LANG', 'HOME', 'TMPDIR', 'MILLRACE_BUILD', 'MILLRACE_BUILD_ID', 'GREETING', 'PWD', 'OLDPWD', 'SHLVL', '_', '']);
      expect(lines.map((line) => line.split('=')[0] ?? '').filter((name) => !allowed.has(name))).toEqual([]);
      expect(lines.find((line) => line.startsWith('HOME='))).toContain(runFolder(sample.id));
    } finally {
      delete process.env.MILLRACE_TEST_SECRET;
    }
  });

  it('given output on both streams, when the build ends, then every line is there, marked, in order and once', async () => {
    const sample = await run(shop.runner(), request('for i in $(seq 300); do echo out $i; echo err $i >&2; done; printf "no newline"', { outputActor }));
    expect(sample.status).toBe('succeeded');
    const numbers = Array.from({ length: 300 }, (_, index) => index + 1);
    expect(await texts('stdout')).toEqual([...numbers.map((n) => `out ${n}`), 'no newline']);
    expect(await texts('stderr')).toEqual(numbers.map((n) => `err ${n}`));
    expect(shop.writes()).toBe(601);
  });

  it('given long lines and letters of several bytes, when they are printed, then nothing is torn', async () => {
    await run(shop.runner(), request('printf "häß\\r\\n\\n"; head -c 40000 /dev/zero | tr "\\0" x; echo', { outputActor }));
    const lines = await texts('stdout');
    expect(lines.slice(0, 2)).toEqual(['häß', '']);
    expect(lines.slice(2).join('')).toBe('x'.repeat(40_000));
  });

  it('given more output than is kept, when the build goes on printing, then it is cut, says so, and the build is not disturbed', async () => {
    const sample = await run(shop.runner({ maxOutputBytes: 1000 }), request('seq 10000; exit 0', { outputActor }));
    expect(sample).toMatchObject({ status: 'succeeded', metadata: { outputCut: 'true' } });
    const lines = await texts();
    expect(lines.at(-1)).toBe('output cut after 1000 bytes');
    expect(lines.length).toBeLessThan(300);
  });

  it('given a build that printed faster than its lines can be stored, when it ends, then the newest are kept, and a line says how many are not', async () => {
    const sample = await run(shop.runner({ tailEveryMs: 3_600_000, maxWaitingLines: 10 }), request('seq 100', { outputActor }));
    expect(sample.status).toBe('succeeded');
    const newest = Array.from({ length: 10 }, (_, index) => String(91 + index));
    expect(await texts()).toEqual(['90 lines left out: the build printed faster than they could be stored', ...newest]);
  });

  it('given output, when a terminal status is told, then the output was stored before', async () => {
    const runner = shop.runner({ tailEveryMs: 3_600_000 });
    await run(runner, request('seq 20', { outputActor }));
    expect(await texts()).toHaveLength(20);
  });

  it('given a command that fails, when it ends, then the exit code is told and the head is to blame', async () => {
    expect(await run(shop.runner(), request('exit 3'))).toMatchObject({ status: 'failed', metadata: { exitCode: '3', reason: 'exit_code', failedSide: 'head' } });
    expect(await run(shop.runner(), request('kill -9 $$'))).toMatchObject({ status: 'failed', metadata: { signal: 'SIGKILL', reason: 'signal', failedSide: 'head' } });
  });

  it('given a finished build, when one looks on the disk, then only how it ended is left', async () => {
    const sample = await run(shop.runner(), request('mkdir -p d/e; touch d/e/f; chmod 500 d/e d; echo x > $TMPDIR/y; echo z > $HOME/z', { outputActor }));
    expect(await readdir(runFolder(sample.id))).toEqual(['result.json', 'started.json']);
    expect(await readdir(join(shop.dataDir, 'runs'))).toEqual([sample.id]);
    expect(await processesWith(`MILLRACE_BUILD_ID=${sample.id}`)).toEqual([]);
  });

  it('given a command that leaves a process behind, when it ends, then the build has ended and so has the rest', async () => {
    const sample = await run(shop.runner(), request('sleep 300 & setsid sleep 300 & exit 0'));
    expect(sample.status).toBe('succeeded');
    expect(await processesWith(`MILLRACE_BUILD_ID=${sample.id}`)).toEqual([]);
  });
});

describe('a worker that takes over', () => {
  it('given lines of others in between, when another worker carries on, then no line is written twice', async () => {
    const first = shop.runner();
    const asked = request('echo one; while [ ! -e go ]; do sleep 0.02; done; echo two', { outputActor });
    const id = await first.trigger(asked);
    await eventually(() => existsSync(join(runFolder(id), 'published')));
    first.close();
    await shop.output.write('build/b1', { at: 0, source: 'step', text: 'somebody else' }, 'other-1');
    await writeFile(join(runFolder(id), 'work', 'go'), '');
    await untilEnded(shop.runner(), id);
    expect(await texts()).toEqual(['one', 'somebody else', 'two']);
    expect(shop.writes()).toBe(3);
  });

  it('given a key that was used for another request, when it is triggered, then an old result does not pass for the new build', async () => {
    const asked = request('true');
    const id = await shop.runner().trigger(asked);
    await untilEnded(shop.runner(), id);
    const reused = { ...asked, metadata: { command: 'false' } };
    await expect(shop.runner().trigger(reused)).rejects.toMatchObject({ code: 'key_reused', retryable: false });
    expect(await shop.runner().trigger({ ...asked, metadata: { ...asked.metadata } })).toBe(id);
  });
});

describe('an artifact', () => {
  const made = 'mkdir -p out/bin; echo program > out/bin/app; echo readme > out/README; echo junk > junk';

  it('given a folder that was made, when the build succeeds, then it is stored by digest, the same for the same tree', async () => {
    const first = await run(shop.runner(), request(made, { artifact: 'out' }));
    const second = await run(shop.runner(), request(`sleep 1; ${made}`, { artifact: './out/' }));
    expect(first).toMatchObject({ status: 'succeeded', metadata: { exitCode: '0', artifactPath: 'out' } });
    expect(first.metadata.artifact).toMatch(/^[0-9a-f]{64}$/);
    expect(second.metadata.artifact).toBe(first.metadata.artifact);
    expect(await shop.blobs.has(first.metadata.artifact ?? '')).toBe(true);
    expect(Number(second.metadata.durationMs)).toBeGreaterThanOrEqual(1000);
  });

  it('given a single file, when it is the artifact, then the archive holds just it', async () => {
    const file = await run(shop.runner(), request(made, { artifact: 'out/bin/app' }));
    const bytes = await readFile(join(shop.dir, 'blobs', file.metadata.artifact ?? ''));
    const again = await run(shop.runner(), request('cat app; ls | wc -l', { outputActor }, { head: [{ uri: `source:${file.metadata.artifact}` }] }));
    expect(bytes.length).toBeGreaterThan(0);
    expect([again.status, (await texts()).map((line) => line.trim())]).toEqual(['succeeded', ['program', '1']]);
  });

  it('given a path that is not there, when the build succeeds otherwise, then it has failed and the path is named', async () => {
    const sample = await run(shop.runner(), request(made, { artifact: 'dist' }));
    expect(sample).toMatchObject({ status: 'failed', metadata: { reason: 'artifact_missing', failedSide: 'head', exitCode: '0' } });
    expect(sample.metadata.detail).toContain('"dist"');
    expect(sample.metadata.artifact).toBeUndefined();
  });

  it('given a path that leads out of the workspace, when it is collected, then it is refused', async () => {
    await symlink('/etc', join(shop.dir, 'etc'));
    for (const [command, artifact] of [['true', '../home'], ['true', '/etc/passwd'], [`ln -s ${shop.dir} way-out`, 'way-out/etc']] as const) {
      expect(await run(shop.runner(), request(command, { artifact }))).toMatchObject({ status: 'failed', metadata: { reason: 'artifact_outside' } });
    }
  });

  it('given a build that failed, when it ends, then nothing is collected', async () => {
    const sample = await run(shop.runner(), request(`${made}; exit 1`, { artifact: 'out' }));
    expect(sample.metadata.artifact).toBeUndefined();
    expect(await readdir(join(shop.dir, 'blobs'))).toEqual([]);
  });

  it('given a store that is away, when the result is asked for, then the build waits for it and succeeds later', async () => {
    let away = true;
    const blobs = { ...shop.blobs, put: async (bytes: Parameters<typeof shop.blobs.put>[0]) => {
      if (away) throw new Error('away');
      return shop.blobs.put(bytes);
    } };
    const runner = shop.runner({ blobs });
    const id = await runner.trigger(request(made, { artifact: 'out' }));
    await expect(untilEnded(runner, id)).rejects.toThrow('away');
    away = false;
    expect((await untilEnded(runner, id)).status).toBe('succeeded');
  });
});

describe('a request that can never run', () => {
  it.each([
    ['no command', request('  '), 'nothing_to_run'],
    ['a change of another kind', request('true', {}, { head: [{ uri: 'git:main' }] }), 'unknown_change'],
    ['a bad time limit', request('true', { timeoutMs: 'soon' }), 'bad_metadata'],
    ['a bad variable', request('true', { 'env.A=B': 'x' }), 'bad_metadata'],
    ['a source that is not staged', request('true', {}, { head: [{ uri: `source:${'0'.repeat(64)}` }] }), 'unknown_blob'],
  ])('given %s, when it is triggered, then it is refused for good and nothing is left', async (_what, asked, code) => {
    await expect(shop.runner().trigger(asked)).rejects.toMatchObject({ code, retryable: false });
    expect(existsSync(join(shop.dataDir, 'runs')) ? await readdir(join(shop.dataDir, 'runs')) : []).toEqual([]);
  });
});
