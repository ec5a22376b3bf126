import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuildOutput, OutputLine } from '../../src/runtime/ports/output.ts';

/** Empty output. */
export interface OutputHarness {
  readonly output: BuildOutput;
  close(): Promise<void>;
}

export function outputContract(name: string, open: () => Promise<OutputHarness>): void {
  describe(`build output: ${name}`, () => {
    let h: OutputHarness;
    beforeEach(async () => { h = await open(); });
    afterEach(() => h.close());
    const line = (text: string, more: Partial<OutputLine> = {}): OutputLine => ({ at: Date.UTC(2026, 0, 2, 3, 4, 5, 6), source: 'stdout', text, ...more });
    const read = async (actor: 'build/b1' | 'build/b2' = 'build/b1'): Promise<OutputLine[]> => {
      const lines: OutputLine[] = [];
      for await (const each of h.output.read(actor, { follow: false, signal: new AbortController().signal })) lines.push(each);
      return lines;
    };

    it('given lines of two builds, when one is read, then its own come in order, as they were written', async () => {
      await h.output.write('build/b1', line('one'), '1');
      await h.output.write('build/b2', line('other'), '1');
      await h.output.write('build/b1', line('zwei ü \u0000 \u001b[31mred', { source: 'stderr', at: 5 }), '2');
      await h.output.write('build/b1', line(''), '3');
      expect(await read()).toEqual([line('one'), line('zwei ü \u0000 \u001b[31mred', { source: 'stderr', at: 5 }), line('')]);
      expect(await read('build/b2')).toEqual([line('other')]);
    });

    it('given a line that was written before, when it is written again after a crash, then it is there once', async () => {
      await h.output.write('build/b1', line('one'), 'stdout:0');
      await h.output.write('build/b1', line('one'), 'stdout:0');
      await h.output.write('build/b1', line('two'), 'stdout:4');
      expect((await read()).map((each) => each.text)).toEqual(['one', 'two']);
    });

    it('given a writer that crashed, when it asks for the last id, then it gets its own actor\'s newest; none before the first', async () => {
      expect(await h.output.last('build/b1')).toBeUndefined();
      await h.output.write('build/b1', line('one'), 'a:0');
      await h.output.write('build/b1', line('two'), 'a:4');
      await h.output.write('build/b2', line('x'), 'z');
      expect(await h.output.last('build/b1')).toBe('a:4');
    });

    it('given a line longer than 64 kB, when it is written, then it is cut at a whole character and says so', async () => {
      await h.output.write('build/b1', line(`x${'ü'.repeat(40_000)}`), '1');
      const [cut] = await read();
      expect(cut?.text).toMatch(/^xü+ \[cut: 14466 more bytes\]$/);
      expect(Buffer.byteLength(cut?.text ?? '')).toBeLessThan(64 * 1024 + 40);
    });

    it('given a reader that follows, when lines come, then it gets the old and the new ones once, until it is told to stop', async () => {
      await h.output.write('build/b1', line('old'), '1');
      const stop = new AbortController();
      const lines: string[] = [];
      let told = (): void => {};
      const reading = (async () => {
        for await (const each of h.output.read('build/b1', { follow: true, signal: stop.signal })) {
          lines.push(each.text);
          told();
        }
      })();
      const until = async (count: number): Promise<void> => {
        while (lines.length < count) await new Promise<void>((resolve) => { told = resolve; });
      };
      await until(1);
      await h.output.write('build/b1', line('new'), '2');
      await h.output.write('build/b2', line('not mine'), '2');
      await h.output.write('build/b1', line('newer'), '3');
      await until(3);
      stop.abort();
      await reading;
      expect(lines).toEqual(['old', 'new', 'newer']);
    });

    it('given a reader that follows and nothing to read, when it is told to stop, then it ends', async () => {
      const stop = new AbortController();
      const reading = (async () => {
        const lines: OutputLine[] = [];
        for await (const each of h.output.read('build/b1', { follow: true, signal: stop.signal })) lines.push(each);
        return lines;
      })();
      await h.output.write('build/b2', line('x'), '1');
      stop.abort();
      expect(await reading).toEqual([]);
    });
  });
}
