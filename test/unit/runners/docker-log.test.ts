import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { carrier } from '../../../src/adapters/runners/docker/carry.ts';
import type { Place } from '../../../src/adapters/runners/docker/place.ts';
import type { DockerTools } from '../../../src/adapters/runners/docker/tools.ts';
import { framesOf, sinceOf, type Frame } from '../../../src/adapters/runners/docker/frames.ts';
import { beginning, cutId, isAfter, lineId, resumeAt } from '../../../src/adapters/runners/docker/position.ts';
import { planOf } from '../../../src/adapters/runners/docker/plan.ts';
import { runFolder, type RunFolder } from '../../../src/adapters/runners/process/folder.ts';
import type { BuildId } from '../../../src/machines/run/runner.ts';
import { fakeOutput } from '../../support/fake/output.ts';

const entry = (stream: 1 | 2, text: string): Buffer => {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
};

async function frames(bytes: Buffer, pieces: number): Promise<Frame[]> {
  const all: Frame[] = [];
  async function* cut(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieces) {
      await Promise.resolve();
      yield bytes.subarray(at, at + pieces);
    }
  }
  for await (const frame of framesOf(cut())) all.push(frame);
  return all;
}

describe('the log of a container', () => {
  it.each([1, 3, 9, 64, 4096])('given it arrives %i bytes at a time, when it is read, then every entry is whole', async (pieces) => {
    const bytes = Buffer.concat([entry(1, '2026-01-02T03:04:05.000000001Z hällo wörld\n'), entry(2, '2026-01-02T03:04:05.1Z \r\n'), entry(1, '2026-01-02T03:04:06Z no newline')]);
    expect(await frames(bytes, pieces)).toEqual([
      { source: 'stdout', time: '2026-01-02T03:04:05.000000001Z', text: 'hällo wörld' },
      { source: 'stderr', time: '2026-01-02T03:04:05.1Z', text: '' },
      { source: 'stdout', time: '2026-01-02T03:04:06Z', text: 'no newline' },
    ]);
  });

  it('given times with more and with fewer digits, when they are compared, then their nanoseconds count', () => {
    const at = (time: string, index = 0) => ({ time, index });
    expect(isAfter(at('2026-01-02T03:04:05.1Z'), at('2026-01-02T03:04:05.099999999Z'))).toBe(true);
    expect(isAfter(at('2026-01-02T03:04:05.1Z'), at('2026-01-02T03:04:05.100000000Z'))).toBe(false);
    expect(isAfter(at('2026-01-02T03:04:05.1Z', 1), at('2026-01-02T03:04:05.100000000Z'))).toBe(true);
    expect(isAfter(at('2026-01-02T03:04:06Z'), at('2026-01-02T03:04:05.9Z', 7))).toBe(true);
    expect(sinceOf('2026-01-02T03:04:05.012Z')).toBe(`${Date.UTC(2026, 0, 2, 3, 4, 4) / 1000}.000000000`);
  });
});

describe('where a log is carried on', () => {
  let folder: RunFolder;
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'millrace-log-'));
    folder = { ...runFolder(dir, 'a'.repeat(32) as BuildId), published: join(dir, 'published') };
  });
  afterEach(async () => { await rm(dir, { recursive: true, force: true }); });
  const line = { at: 0, source: 'stdout', text: 'x' };
  const noted = { time: '2026-01-02T03:04:05.5Z', index: 0, bytes: 70, cut: false };

  it('given nothing was published, when it is carried on, then from the beginning', async () => {
    expect(await resumeAt(folder, 'run/a', fakeOutput())).toEqual(beginning);
  });

  it('given a line was stored that was not noted any more, when it is carried on, then behind it', async () => {
    const output = fakeOutput();
    await writeFile(folder.published, JSON.stringify(noted));
    await output.write('run/a', line, lineId(folder, { time: '2026-01-02T03:04:05.500000001Z', index: 2 }));
    expect(await resumeAt(folder, 'run/a', output)).toEqual({ ...noted, time: '2026-01-02T03:04:05.500000001Z', index: 2 });
  });

  it('given the last line is somebody else\'s, or about the image, when it is carried on, then behind what was noted', async () => {
    await writeFile(folder.published, JSON.stringify(noted));
    for (const id of ['step:1', `${'b'.repeat(32)}:2027-01-01T00:00:00Z/0`, `${folder.id}:image:3`]) {
      const output = fakeOutput();
      await output.write('run/a', line, id);
      expect(await resumeAt(folder, 'run/a', output)).toEqual(noted);
    }
  });

  it('given the output was cut, when it is carried on, then nothing more is', async () => {
    const output = fakeOutput();
    await output.write('run/a', line, cutId(folder));
    expect((await resumeAt(folder, 'run/a', output)).cut).toBe(true);
  });
});

describe('lines that the engine wrote down a little out of order', () => {
  it('given a line of stderr with an earlier time behind one of stdout, when the log is carried, in one go or in two, then every line is there, once', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'millrace-log-'));
    const at = (digits: string): string => `2026-01-02T03:04:05.${digits}Z`;
    const all = [entry(1, `${at('0002')} one\n`), entry(2, `${at('0001')} two\n`), entry(1, `${at('0003')} three\n`), entry(2, `${at('00029')} four\n`)];
    for (const firstGo of [all.length, 3, 2, 1]) {
      const folder = { ...runFolder(dir, 'c'.repeat(32) as BuildId), published: join(dir, `published-${firstGo}`), container: 'c' } as unknown as Place;
      const output = fakeOutput();
      let written = all.slice(0, firstGo);
      async function* log(): AsyncGenerator<Buffer> { yield* written; }
      const docker = { getContainer: () => ({ logs: async () => log() }) } as unknown as DockerTools['docker'];
      const make = () => carrier({ docker, output, maxOutputBytes: 10_000 }, folder, 'run/a', async (text) => text);
      await make().drain();
      written = all;
      // Another worker, which knows only what was noted.
      await make().drain();
      const lines: string[] = [];
      for await (const { text } of output.read('run/a', { follow: false, signal: new AbortController().signal })) lines.push(text);
      expect(lines).toEqual(['one', 'two', 'three', 'four']);
    }
    await rm(dir, { recursive: true, force: true });
  });
});

describe('what a docker build may use', () => {
  const defaults = { image: 'base:1', images: { node: 'node:20' }, network: undefined, limits: { timeoutMs: 60_000, cpus: 2 } };

  it('given limits in the request, when they are read, then they can only lower those of the worker', () => {
    expect(planOf({ cpus: '4', timeoutMs: '5000', pids: '7' }, defaults).limits).toEqual({ cpus: 2, timeoutMs: 5000, pids: 7 });
  });

  it('given an image, a stack, or a Dockerfile, when the image is chosen, then what says most decides', () => {
    const chosen = (metadata: Record<string, string>) => { const { image, fallback, dockerfile } = planOf(metadata, defaults); return [image, fallback, dockerfile]; };
    expect(chosen({ image: 'own:1', stack: 'node' })).toEqual(['own:1', 'base:1', undefined]);
    expect(chosen({ stack: 'node' })).toEqual(['node:20', 'base:1', undefined]);
    expect(chosen({ stack: 'toString' })).toEqual([undefined, 'base:1', undefined]);
    expect(chosen({ stack: 'node', dockerfile: 'ci.Dockerfile' })).toEqual([undefined, undefined, 'ci.Dockerfile']);
  });
});
