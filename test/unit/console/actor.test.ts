import { describe, expect, it, vi } from 'vitest';
import { openActor, type OpenActor } from '../../../src/console/feeds/actor.ts';
import { folding } from '../../../src/console/feeds/folding.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import type { LogRecord } from '../../../src/kernel/record.ts';
import type { EventLog } from '../../../src/runtime/ports/log.ts';
import { create, put } from '../kernel/support/drive.ts';
import { zoo } from '../kernel/support/zoo.ts';

/** An order of so many records. */
function orderLog(records: number): readonly LogRecord[] {
  let actor = create(zoo.order);
  const log = [...actor.log];
  while (log.length < records) {
    actor = put({ ...actor, log: [] }, 'note');
    log.push(...actor.log);
  }
  return log;
}

const nothingComes = (): AsyncIterable<LogRecord> => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) });

const opened = (records: readonly LogRecord[], definition = zoo.order): OpenActor => openActor('order/a1', {
  log: { read: async (_actor: string, from = 1) => ({ records: records.slice(from - 1), position: records.length }), follow: nothingComes } as unknown as EventLog,
  definitionOf: () => definition, linkUp: () => new Promise(() => undefined), onError: (error) => { throw error; },
});

describe('an actor that is opened', () => {
  it('given a long log, then it is listed before it is folded; a moment waits for its record alone, and what only the whole says comes as news', async () => {
    const actor = opened(orderLog(1_500));
    const face = await actor.face();
    expect(face).toMatchObject({ length: 1_500, createdAt: 1_001_000 });
    expect(face.now).toBeUndefined();
    expect(actor.records(1_500, 1_500)).toMatchObject([{ seq: 1_500, type: 'note' }]);
    const changed = vi.fn<() => void>();
    const news = actor.watch(changed);
    expect((await actor.past?.moment(2))?.seq).toBe(2);
    expect(actor.past?.length).toBeLessThan(1_500);
    expect((await actor.past?.moment(1_500))?.seq).toBe(1_500);
    await vi.waitFor(() => { expect(changed).toHaveBeenCalled(); });
    expect(news.take()).toMatchObject({ length: 1_500, records: [], now: { seq: 1_500, value: 'open' } });
    expect(news.take()).toBeUndefined();
    await expect(actor.past?.moment(1_501)).rejects.toMatchObject({ code: 'no_such_record' });
  });

  it('given a log of another machine than the console knows, then the news say so, and its records are listed', async () => {
    const actor = opened(orderLog(3), defineMachine({ version: '2', machine: zoo.order.machine.provide({}), commands: zoo.order.commands, activities: zoo.order.activities }));
    await actor.face();
    const { notDrawn } = await actor.face();
    expect(notDrawn).toMatchObject({ code: 'definition_differs' });
    expect(actor.records(1, 9)).toHaveLength(3);
  });
});

describe('work in slices', () => {
  it('given a long list, then others have their turn meanwhile, and who waits for an early one goes on before the end', async () => {
    const done: number[] = [];
    const order: string[] = [];
    const slices = folding<number>((item) => {
      for (const until = performance.now() + 1; performance.now() < until;);
      done.push(item);
    });
    const all = slices.add(Array.from({ length: 60 }, (_, i) => i)).then(() => order.push('all'));
    const early = slices.reached(5).then(() => order.push('early'));
    setImmediate(() => order.push('another'));
    await Promise.all([all, early]);
    expect(order.at(-1)).toBe('all');
    expect(order.toSorted()).toEqual(['all', 'another', 'early']);
    expect(done).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });

  it('given items that come one after another, long after each other or at once, then each is done once, in order', async () => {
    const done: number[] = [];
    const slices = folding<number>((item) => { done.push(item); });
    await slices.add([1]);
    const both = [slices.add([2]), slices.add([3])];
    expect(done).toEqual([1, 2, 3]);
    await Promise.all(both);
    await slices.add([4]);
    await slices.reached(5);
    expect(done).toEqual([1, 2, 3, 4]);
  });

  it('given one that fails, then nothing more is done, and nobody waits for ever', async () => {
    const slices = folding<number>((item) => { if (item === 2) throw new Error('no'); });
    await expect(slices.add([1, 2, 3])).rejects.toThrow('no');
    await slices.reached(3);
  });
});
