import { describe, expect, it } from 'vitest';

// Of the page: its types need a browser's, what is tested here does not.
const { bodyFor } = await import(String(new URL('../../../src/console/page/decide.ts', import.meta.url))) as { readonly bodyFor: (actor: string, command: string, isTaken?: boolean) => Promise<object | undefined> };

describe('a command of the page', () => {
  it.each(['cancel', 'abandon', 'stop', 'start', 'retry-undo'])('given %s, which would be refused now, then nothing is promised and nothing asked: it is sent to hear why', async (command) => {
    expect(await bodyFor('build/b1', command, false)).toEqual({});
  });

  it('given a command of a machine of its own, then no reason is asked for, which it may not take', async () => {
    expect(await bodyFor('trip/t1', 'toString')).toEqual({});
    expect(await bodyFor('trip/t1', 'board')).toEqual({});
  });
});
