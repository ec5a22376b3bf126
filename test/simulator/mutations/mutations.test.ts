import { afterEach, describe, expect, test, vi } from 'vitest';
import type { meaningOf as Meaning } from '../../../src/kernel/meaning.ts';
import type { Cell, HostContext, Input } from '../../../src/runtime/host/context.ts';
import { newTally, trySeed } from '../campaign.ts';
import type { SimulateOptions } from '../simulate.ts';
import type { InvariantId } from '../witness.ts';
import { wrapped } from './wrapped.ts';

/** How many seeds a defect may stay unseen. */
const seeds = 60;

type Try = typeof trySeed;

/** The first seed that shows it. */
async function foundAt(breaks: InvariantId, attempt: Try, options?: SimulateOptions): Promise<number | undefined> {
  const tally = newTally();
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await attempt(seed, tally, { ...options, patienceMs: 120_000 });
    if (violations.some(({ invariant }) => invariant === breaks)) return seed;
  }
  return undefined;
}

describe('given a host with a defect', () => {
  test.each(wrapped.map((mutation) => [mutation.what, mutation] as const))('when %s, then the simulator finds it', async (what, { breaks, sabotage }) => {
    const seed = await foundAt(breaks, trySeed, { sabotage });
    console.log(`${breaks}: ${what}: found by seed ${String(seed)}`);
    expect(seed).toBeDefined();
  }, 300_000);
});

describe('given a kernel or a host in which a part is wrong', () => {
  afterEach(() => {
    vi.doUnmock('../../../src/kernel/taken.ts');
    vi.doUnmock('../../../src/kernel/status.ts');
    vi.doUnmock('../../../src/kernel/meaning.ts');
    vi.doUnmock('../../../src/runtime/host/facts.ts');
    vi.resetModules();
  });
  const found = async (breaks: InvariantId, what: string): Promise<void> => {
    vi.resetModules();
    const { trySeed: attempt } = await import('../campaign.ts');
    const seed = await foundAt(breaks, attempt);
    console.log(`${breaks}: ${what}: found by seed ${String(seed)}`);
    expect(seed).toBeDefined();
  };

  test('when the ids of commands are forgotten, then the simulator finds a wish that was taken twice', async () => {
    const forgetful = { at: () => undefined, with: () => forgetful, [Symbol.iterator]: () => [][Symbol.iterator]() };
    vi.doMock('../../../src/kernel/taken.ts', () => ({ Taken: { none: forgetful, from: () => forgetful } }));
    await found('L5', 'ids are forgotten');
  });

  test('when what has ended takes commands again, then the simulator finds records after the end', async () => {
    vi.doMock('../../../src/kernel/status.ts', async (actual) => ({ ...await actual<object>(), hasEnded: () => false }));
    await found('S3', 'the end is no end');
  });

  test('when late facts are folded, then the simulator finds the records that speak of what is not running', async () => {
    vi.doMock('../../../src/kernel/meaning.ts', async (actual) => {
      const { meaningOf, ...rest } = await actual<{ readonly meaningOf: typeof Meaning }>();
      const lax: typeof Meaning = (definition, state, record) => {
        try {
          return meaningOf(definition, state, record);
        } catch (error) {
          if ((error as { code?: string }).code === 'stale_effect') return { work: state };
          throw error;
        }
      };
      return { ...rest, meaningOf: lax };
    });
    vi.doMock('../../../src/runtime/host/facts.ts', async (actual) => {
      const { commit } = await import('../../../src/runtime/host/commit.ts');
      const { load } = await import('../../../src/runtime/host/load.ts');
      return {
        ...await actual<object>(),
        async deliverFact(host: HostContext, cell: Cell, { fact, cause, effect }: Extract<Input, { kind: 'fact' }>): Promise<void> {
          await load(host, cell);
          await commit(host, cell, { type: fact.type, data: { ...fact.data } as never, cause });
          cell.running.delete(effect);
        },
      };
    });
    await found('L6', 'late facts are folded');
  });
});
