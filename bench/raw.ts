import { percentile } from './stats.ts';
import type { BenchWorld } from './world.ts';

export interface RawFigures {
  /** One after the other, each waiting until the last one is on disk. */
  readonly appends: number;
  /** For all of them together. */
  readonly p50Ms: number;
}

/** What a saga of so many records cannot be faster than: as many messages of a record's size, each expecting the one before, with nothing but the client. */
export async function runRaw({ broker: { nc, names } }: BenchWorld, appends: number, rounds: number): Promise<RawFigures> {
  const body = JSON.stringify({ activity: 'step-1', effect: '1:0', output: { out1: 1 }, padding: 'x'.repeat(350) });
  const times: number[] = [];
  const run = Date.now().toString(36);
  for (let round = 0; round < rounds; round++) {
    const subject = names.event(`raw/${run}-${round}`);
    const start = performance.now();
    for (let after = 0, done = 0; done < appends; done++) {
      const headers = { encode: () => Buffer.from(`NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: ${after}\r\n\r\n`, 'latin1') };
      const { seq } = (await nc.request(subject, body, { headers: headers as never, timeout: 5_000 })).json<{ seq?: number }>();
      if (seq === undefined) throw new Error('a raw append was not stored');
      after = seq;
    }
    times.push(performance.now() - start);
  }
  return { appends, p50Ms: percentile(times, 0.5) };
}
