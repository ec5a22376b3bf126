import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot, Snapshots } from '../../src/runtime/ports/snapshots.ts';

/** No snapshot yet. */
export interface SnapshotsHarness {
  readonly snapshots: Snapshots;
  close(): Promise<void>;
}

export function snapshotsContract(name: string, open: () => Promise<SnapshotsHarness>): void {
  describe(`snapshots: ${name}`, () => {
    let h: SnapshotsHarness;
    beforeEach(async () => { h = await open(); });
    afterEach(() => h.close());
    const snapshot = (seq: number): Snapshot => ({ seq, position: seq * 7, state: { value: 'ü' } });

    it('given none, when it is asked for or dropped, then there is none, and that is no error', async () => {
      expect(await h.snapshots.get('build/b1')).toBeUndefined();
      await h.snapshots.drop('build/b1');
      expect(await h.snapshots.get('build/b1')).toBeUndefined();
    });

    it('A7.12: given one actor and another, when each is put twice, then the later one of each is there', async () => {
      for (const seq of [3, 9]) {
        await h.snapshots.put('build/b1', snapshot(seq));
        await h.snapshots.put('build/b2', snapshot(seq + 1));
      }
      expect(await h.snapshots.get('build/b1')).toEqual(snapshot(9));
      expect(await h.snapshots.get('build/b2')).toEqual(snapshot(10));
    });

    it('given a snapshot, when it is dropped, then it is gone, and may be put again', async () => {
      await h.snapshots.put('build/b1', snapshot(3));
      await h.snapshots.drop('build/b1');
      expect(await h.snapshots.get('build/b1')).toBeUndefined();
      await h.snapshots.put('build/b1', snapshot(4));
      expect(await h.snapshots.get('build/b1')).toEqual(snapshot(4));
    });
  });
}
