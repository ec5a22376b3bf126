import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildId } from '../../../machines/run/runner.ts';
import { readJson, replaceFile } from '../process/files.ts';

/** What is remembered of a build's stops. Times in ms since the epoch. */
export interface PauseRecord {
  /** 1, and one more with every start that let it go on. */
  readonly generation: number;
  readonly stoppedAt: number | null;
  /** All the time it was stopped before, ms. */
  readonly pausedMs: number;
}

/** Beside the builds' folders, which are emptied at their end: an ended build still knows its generation. */
export interface PauseRecords {
  read(id: BuildId): Promise<PauseRecord>;
  /** Note that it is stopped. Harmless when that is noted. */
  stopped(id: BuildId): Promise<void>;
  /** Note that it goes on; the generation it is in now. Harmless when it was not stopped. */
  resumed(id: BuildId): Promise<number>;
}

export function pauseRecords(dataDir: string): PauseRecords {
  const dir = join(dataDir, 'pauses');
  const read = async (id: BuildId): Promise<PauseRecord> =>
    (await readJson<PauseRecord>(join(dir, `${id}.json`))) ?? { generation: 1, stoppedAt: null, pausedMs: 0 };
  const store = async (id: BuildId, record: PauseRecord): Promise<void> => {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await replaceFile(join(dir, `${id}.json`), JSON.stringify(record));
  };
  return {
    read,
    async stopped(id) {
      const record = await read(id);
      if (record.stoppedAt === null) await store(id, { ...record, stoppedAt: Date.now() });
    },
    async resumed(id) {
      const { generation, stoppedAt, pausedMs } = await read(id);
      if (stoppedAt === null) return generation;
      await store(id, { generation: generation + 1, stoppedAt: null, pausedMs: pausedMs + Math.max(0, Date.now() - stoppedAt) });
      return generation + 1;
    },
  };
}
