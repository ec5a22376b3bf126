import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TerminalError } from '../../../src/kernel/errors.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import { timesRan } from '../../support/build/checks.ts';
import { makeFuse, type Fuse } from '../../support/build/fuse.ts';
import { failuresOf } from '../../support/build/pool.ts';
import { collectReplays } from '../../support/build/replays.ts';
import { writeProject } from '../../support/build/source.ts';
import { openYard, shortly, tidied, type Changes, type Yard } from '../../support/build/yard.ts';
import { startNats, type TestNats } from '../../support/nats.ts';

/** MILLRACE_EVERY_PERSIST=all also dies around every single change to the world, every message out and every acknowledgement. */
const all = process.env.MILLRACE_EVERY_PERSIST === 'all';
const width = Number(process.env.MILLRACE_WIDTH ?? 8);

let nats: TestNats;
let folder: string;
let ran: string;
let source: string;
const replays = collectReplays();

beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'millrace-persist-'));
  ran = join(folder, 'ran');
  source = await writeProject(join(folder, 'shop'), { ran, seconds: 0.1 });
});
afterAll(async () => {
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Play {
  readonly runner: 'noop' | 'process';
  /** Is there an active version already? */
  readonly onTop: boolean;
  readonly changes?: Changes;
}

const complete: Play = { runner: 'noop', onTop: false };
const failing: Play = {
  runner: 'noop', onTop: true,
  changes: {
    'set-active-version': (code) => async (scope) => {
      await code(scope);
      throw new TerminalError('made_to_fail', 'it failed after it had switched');
    },
  },
};

/** One build whose worker dies where the fuse says; then another worker comes. */
async function play({ runner, onTop, changes = {} }: Play, fuse: Fuse, dies: boolean): Promise<Record<string, unknown>> {
  const yard = await openYard(nats);
  try {
    if (onTop) await buildBefore(yard);
    await yard.worker({ fuse, changes });
    const actor = await yard.build('b1', source, { app: 'shop', runner });
    if (dies) {
      await Promise.race([fuse.blown, yard.ended(actor).then(() => yard.tidy())]);
      if (!fuse.isBlown()) throw new Error('the point was not reached');
      await yard.worker({ changes });
    }
    const { status, output, records } = await yard.ended(actor);
    const logs = await yard.logs();
    const end = { status, output, records: records.map(shortly), world: await yard.world('shop'), tidy: await yard.tidy() };
    expect(end.tidy).toEqual(tidied);
    for (const [name, log] of logs) replays.add(name, log);
    const runs = runner === 'process' ? [] : [...logs].filter(([name]) => name.startsWith('run/')).map(([, log]) => log.map(shortly));
    return yard.comparable({ ...end, runs });
  } finally {
    await yard.close();
  }
}

async function buildBefore(yard: Yard): Promise<void> {
  const worker = await yard.worker();
  expect((await yard.ended(await yard.build('b0', source, { app: 'shop', runner: 'noop' }))).status).toBe('completed');
  await worker.stop();
}

const isPersist = (point: string): boolean => all || / (append|activity) (build|run) /.test(point);

async function dieEverywhere(what: Play): Promise<string[]> {
  const notes = makeFuse();
  const undisturbed = await play(what, notes, false);
  const points = notes.passed.filter(isPersist);
  const failures = await failuresOf(points, width, async (point) => {
    for (const [part, is] of Object.entries(await play(what, makeFuse(point), true))) expect(JSON.stringify(is), part).toBe(JSON.stringify(undisturbed[part]));
  });
  process.stderr.write(`died at ${points.length - failures.length} of ${points.length} points\n`);
  expect(failures).toEqual([]);
  return points;
}

test('given a build that completes, when its worker dies before and after every append and every activity, then it ends as if nothing had happened', async () => {
  const points = await dieEverywhere(complete);
  expect(points.length).toBeGreaterThanOrEqual(50);
}, 600_000);

test('given a build that fails when it is activated, when its worker dies before and after every append, activity and undo, then the world is as it was before', async () => {
  const points = await dieEverywhere(failing);
  expect(points.filter((point) => point.includes(' activity build undo-'))).toHaveLength(12);
}, 600_000);

test('given every log of these tests, when each is folded from the start, from every snapshot and in another process, then it is the same state byte for byte', async () => {
  expect(replays.logs.length).toBeGreaterThan(200);
  await replays.elsewhere(folder);
}, 60_000);

void timesRan;
export type { ActorName };
