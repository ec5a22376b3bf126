import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ActorName, LogRecord } from '../../../src/kernel/record.ts';
import { timesRan } from '../../support/build/checks.ts';
import type { Change } from '../../support/build/fused.ts';
import { shortly } from '../../support/build/shortly.ts';
import { stepNames, type StepName } from '../../support/build/step-names.ts';
import { openStage, inputFor, undoneFrom, type Stage } from '../../support/build/stories.ts';
import type { Yard } from '../../support/build/yard.ts';
import { processesWith } from '../../support/runner/shop.ts';
import { startNats, type TestNats } from '../../support/nats.ts';

// Several builds at once on whatever machine this is.
vi.setConfig({ testTimeout: 120_000 });

let nats: TestNats;
let stage: Stage;
beforeAll(async () => {
  nats = await startNats();
  stage = await openStage(nats);
});
afterAll(async () => {
  await stage.close();
  await nats.stop();
});

/** How a step that is held takes being aborted. */
type Manner = 'before its effect' | 'after its effect' | 'and ends all the same';
const manners: readonly Manner[] = ['before its effect', 'after its effect', 'and ends all the same'];

/** Holds the step's first run until it is aborted. */
function hold(manner: Manner): { change: Change; reached: Promise<void> } {
  let arrive = (): void => {};
  const reached = new Promise<void>((resolve) => { arrive = resolve; });
  let first = true;
  const change: Change = (code) => async (scope) => {
    if (!first) return code(scope);
    first = false;
    const output = manner === 'before its effect' ? undefined : await code(scope);
    const { signal } = scope as { readonly signal: AbortSignal };
    arrive();
    if (!signal.aborted) await new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
    if (manner === 'and ends all the same') return output;
    throw signal.reason;
  };
  return { change, reached };
}

const held: readonly StepName[] = stepNames.filter((name) => name !== 'build-artifact');
const cases = manners.flatMap((manner) => held.map((step) => [step, manner] as const));
const undos = (records: readonly LogRecord[]): string[] => records.map(shortly).filter((text) => text.startsWith('activity.completed undo-')).map((text) => text.slice(24));

/** A build of a project that takes ten seconds at the process runner, come to where its command runs. */
async function buildThatRuns(yard: Yard, source: string): Promise<ActorName> {
  await yard.worker();
  const build = await yard.build('b1', source, { app: 'shop' });
  const { records } = await yard.until(build, (seen) => seen.records.some((record) => shortly(record) === 'activity.completed next-version'));
  const run: ActorName = `run/build--b1--build-artifact--${records.length}-0`;
  await yard.until(run, (seen) => seen.records.some((record) => shortly(record) === 'activity.completed trigger'));
  expect(await processesWith(yard.dataDir)).not.toEqual([]);
  return build;
}

describe('given a build that is cancelled', () => {
  test.concurrent.for(cases)('when %s is held %s, then all of it is undone in reverse', async ([step, manner]) => {
    const { source } = await stage.project();
    await stage.story(true, async (yard, before) => {
      const { change, reached } = hold(manner);
      await yard.worker({ changes: { [step]: change } });
      const build = await yard.build('b1', source, { app: 'shop', runner: 'noop', ...inputFor(step) });
      await reached;
      await yard.send(build, 'cancel');
      const { status, output, records } = await yard.ended(build);
      expect(status).toBe('cancelled');
      expect(output).toMatchObject({ undone: undoneFrom(step), left: [], warnings: [] });
      expect(undos(records)).toEqual(undoneFrom(step));
      expect(await yard.world('shop')).toEqual(before);
    });
  });

  test.concurrent('when its command runs, then that is ended too', async () => {
    const { source, ran } = await stage.project({ seconds: 10 });
    await stage.story(true, async (yard, before) => {
      const build = await buildThatRuns(yard, source);
      await yard.send(build, 'cancel');
      const { status, output } = await yard.ended(build);
      expect(status).toBe('cancelled');
      expect(output.undone).toEqual(undoneFrom('build-artifact'));
      expect(await yard.world('shop')).toEqual(before);
      expect(await processesWith(yard.dataDir)).toEqual([]);
      expect(await timesRan(ran)).toBe(0);
    });
  });
});

describe('given a build that is stopped', () => {
  test.concurrent.for(cases)('when %s is held %s, then nothing is undone, and after start it completes', async ([step, manner]) => {
    const { source } = await stage.project();
    await stage.story(true, async (yard) => {
      const { change, reached } = hold(manner);
      await yard.worker({ changes: { [step]: change } });
      const build = await yard.build('b1', source, { app: 'shop', runner: 'noop', ...inputFor(step) });
      await reached;
      await yard.send(build, 'stop');
      const last = step === 'finalize' && manner === 'and ends all the same';
      if (!last) {
        await yard.until(build, ({ status }) => status === 'stopped');
        await yard.send(build, 'start');
      }
      const { status, output, records } = await yard.ended(build);
      expect(status).toBe('completed');
      expect(output).toMatchObject({ undone: [], warnings: [] });
      expect(undos(records)).toEqual([]);
      const { entities, ...world } = await yard.world('shop');
      expect(Object.keys(entities)).toEqual(['app shop', 'config shop-v1-cfg', 'config shop-v2-cfg', 'version shop-v1', 'version shop-v2']);
      const active = step === 'handle-ephemeral' ? ['v1'] : ['v1', 'v2'];
      expect(world).toMatchObject({ active: active.at(-1), releases: active, current: `releases/${active.at(-1)}`, work: [] });
      expect(world.buckets).toHaveLength(2);
    });
  });

  test.concurrent('when its command runs, then that is ended, and after start it runs once more, to its end', async () => {
    const { source, ran } = await stage.project({ seconds: 1.5 });
    await stage.story(true, async (yard) => {
      const build = await buildThatRuns(yard, source);
      await yard.send(build, 'stop');
      await yard.until(build, ({ status }) => status === 'stopped');
      expect(await processesWith(yard.dataDir)).toEqual([]);
      expect(await timesRan(ran)).toBe(0);
      await yard.send(build, 'start');
      expect((await yard.ended(build)).status).toBe('completed');
      expect(await timesRan(ran)).toBe(1);
      expect(await yard.world('shop')).toMatchObject({ active: 'v2', current: 'releases/v2', work: [] });
    });
  });
});

test('given every log of these tests, when each is folded from the start, from every snapshot and in another process, then it is the same state byte for byte', async () => {
  expect(stage.replays.logs.length).toBeGreaterThan(200);
  await stage.replays.elsewhere(stage.folder);
}, 60_000);
