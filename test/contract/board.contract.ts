import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Board, BoardEntry } from '../../src/runtime/ports/board.ts';

/** An empty board. */
export interface BoardHarness {
  readonly board: Board;
  close(): Promise<void>;
}

export function boardContract(name: string, open: () => Promise<BoardHarness>): void {
  describe(`board: ${name}`, () => {
    let h: BoardHarness;
    beforeEach(async () => { h = await open(); });
    afterEach(() => h.close());
    const entry = (actor: BoardEntry['actor'], seq: number, more: Partial<BoardEntry> = {}): BoardEntry => ({ actor, seq, status: 'running', value: { step: 'ü' }, at: 1000 + seq, ...more });

    it('given no entry, when the board is read, then there is nothing', async () => {
      expect(await h.board.list()).toEqual([]);
      expect(await h.board.get('build/b1')).toBeUndefined();
    });

    it('given an entry, when it is put, then it is read as it was put', async () => {
      await h.board.put(entry('build/b-1_x', 3));
      expect(await h.board.get('build/b-1_x')).toEqual(entry('build/b-1_x', 3));
      expect(await h.board.list()).toEqual([entry('build/b-1_x', 3)]);
    });

    it('A7.12, A7.13: given a newer entry, when an older one arrives late, then the newer one stays; one of the same record replaces it', async () => {
      await h.board.put(entry('build/b1', 2));
      await h.board.put(entry('build/b1', 5));
      await h.board.put(entry('build/b1', 4));
      expect(await h.board.get('build/b1')).toEqual(entry('build/b1', 5));
      await h.board.put(entry('build/b1', 5, { status: 'blocked' }));
      expect(await h.board.get('build/b1')).toMatchObject({ seq: 5, status: 'blocked' });
    });

    it('given many writers at once, when they are done, then the newest entry stands', async () => {
      await Promise.all([3, 1, 6, 2, 5, 4].map((seq) => h.board.put(entry('build/b1', seq))));
      expect(await h.board.get('build/b1')).toMatchObject({ seq: 6 });
    });

    it('given entries of several types, when they are listed, then type and status choose, sorted by name', async () => {
      await h.board.put(entry('order/b', 1));
      await h.board.put(entry('build/z', 1, { status: 'completed' }));
      await h.board.put(entry('build/a', 1));
      const names = async (filter?: Parameters<Board['list']>[0]): Promise<string[]> => (await h.board.list(filter)).map((each) => each.actor);
      expect(await names()).toEqual(['build/a', 'build/z', 'order/b']);
      expect(await names({ type: 'build' })).toEqual(['build/a', 'build/z']);
      expect(await names({ status: 'completed' })).toEqual(['build/z']);
      expect(await names({ type: 'order', status: 'completed' })).toEqual([]);
    });
  });
}
