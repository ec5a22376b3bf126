import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import type { LogRecord } from '../../../src/kernel/record.ts';
import type { Change, Changes } from '../../support/build/fused.ts';
import { shortly } from '../../support/build/shortly.ts';
import { stepNames, type StepName } from '../../support/build/step-names.ts';
import { openStage, inputFor, undoneFrom, type Stage } from '../../support/build/stories.ts';
import { tidied } from '../../support/build/yard.ts';
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

const madeToFail = (): TerminalError => new TerminalError('made_to_fail', 'it was made to fail');

type Moment = 'before its effect' | 'after its effect';

const failsAt = (moment: Moment): Change => (code) => async (scope) => {
  if (moment === 'after its effect') await code(scope);
  throw madeToFail();
};

/** The undos that are in the log as done, in its order. */
const undone = (records: readonly LogRecord[]): string[] =>
  records.map(shortly).flatMap((text) => /^activity\.completed undo-(.*)$/.exec(text)?.[1] ?? []);

const apps = ['that is new', 'with an active version'] as const;
const moments: readonly Moment[] = ['before its effect', 'after its effect'];
const cases = (names: readonly StepName[]) => apps.flatMap((app) => moments.flatMap((moment) => names.map((step) => [app, step, moment] as const)));

describe('given an app', () => {
  const failing = stepNames.filter((name) => name !== 'finalize');

  test.concurrent.for(cases(failing))('%s, when %s fails %s, then everything before it is undone in reverse and the world is as it was', async ([app, step, moment]) => {
    const onTop = app === 'with an active version';
    const atRunner = step === 'build-artifact';
    const { source } = await stage.project(atRunner ? { seconds: 0, fails: moment === 'before its effect' ? 'at-once' : 'at-the-end' } : {});
    await stage.story(onTop, async (yard, before) => {
      await yard.worker({ changes: atRunner ? {} : { [step]: failsAt(moment) } });
      const build = await yard.build('b1', source, { app: 'shop', runner: atRunner ? 'process' : 'noop', ...inputFor(step) });
      const { status, output, records } = await yard.ended(build);
      expect(status).toBe('failed');
      expect(output).toMatchObject({ status: 'failed', error: { code: atRunner ? 'build_failed' : 'made_to_fail' }, left: [], warnings: [] });
      expect(output.undone).toEqual(undoneFrom(step));
      expect(undone(records)).toEqual(undoneFrom(step));
      expect(await yard.world('shop')).toEqual(before);
    });
  });

  test.concurrent.for(cases(['finalize']))('%s, when %s fails %s, then the build stands, with a warning', async ([app, step, moment]) => {
    const onTop = app === 'with an active version';
    const { source } = await stage.project();
    await stage.story(onTop, async (yard) => {
      await yard.worker({ changes: { [step]: failsAt(moment) } });
      const { status, output, records } = await yard.ended(await yard.build('b1', source, { app: 'shop', runner: 'noop' }));
      expect(status).toBe('completed');
      expect(output).toMatchObject({ undone: [], warnings: [{ step, error: { code: 'made_to_fail' } }] });
      expect(undone(records)).toEqual([]);
      const version = onTop ? 'v2' : 'v1';
      const left = moment === 'before its effect' ? ['build.b1'] : [];
      expect(await yard.world('shop')).toMatchObject({ active: version, current: `releases/${version}`, work: left });
    });
  });
});

describe('given an undo that does not work', () => {
  const broken = (undo: Change): Changes => ({ 'set-active-version': failsAt('after its effect'), 'undo-create-version': undo });

  test.concurrent('when it fails twice and then works, then everything is undone all the same', async () => {
    const { source } = await stage.project();
    await stage.story(true, async (yard, before) => {
      let failures = 0;
      await yard.worker({ changes: broken((code) => async (scope) => {
        if (failures++ < 2) throw new RetryableError('store_away', 'not now');
        return code(scope);
      }) });
      const { status, output, records } = await yard.ended(await yard.build('b1', source, { app: 'shop', runner: 'noop' }));
      expect(status).toBe('failed');
      expect(output).toMatchObject({ undone: undoneFrom('set-active-version'), left: [] });
      expect(records.filter(({ type, data }) => type === 'activity.failed' && data.activity === 'undo-create-version')).toHaveLength(2);
      expect(await yard.world('shop')).toEqual(before);
    });
  });

  test.concurrent.for(['retry-undo', 'abandon'])('when it fails for good, then the build is blocked and nothing before it is touched, until a person says %s', async (command) => {
    const { source } = await stage.project();
    await stage.story(true, async (yard, before) => {
      let repaired = false;
      await yard.worker({ changes: broken((code) => async (scope) => {
        if (!repaired) throw new TerminalError('store_broken', 'never');
        return code(scope);
      }) });
      const build = await yard.build('b1', source, { app: 'shop', runner: 'noop' });
      const blocked = await yard.until(build, ({ status }) => status === 'blocked');
      expect(undone(blocked.records)).toEqual(['set-active-version', 'provision-addons']);
      const halfway = await yard.world('shop');
      expect(halfway).toMatchObject({ active: 'v1', current: 'releases/v1', releases: ['v1'], work: ['build.b1'] });
      expect(Object.keys(halfway.entities)).toEqual(['app shop', 'config shop-v1-cfg', 'config shop-v2-cfg', 'version shop-v1', 'version shop-v2']);
      expect(await yard.tidy()).toEqual(tidied);
      repaired = true;
      await yard.send(build, command);
      const { status, output } = await yard.ended(build);
      expect(status).toBe('failed');
      const left = ['create-version', 'create-config-version', 'next-version', 'receive-source'];
      if (command === 'abandon') {
        expect(output).toMatchObject({ undone: ['set-active-version', 'provision-addons'], left });
        expect(await yard.world('shop')).toEqual(halfway);
      } else {
        expect(output).toMatchObject({ undone: undoneFrom('set-active-version'), left: [] });
        expect(await yard.world('shop')).toEqual(before);
      }
    });
  });
});

test('given every log of these tests, when each is folded from the start, from every snapshot and in another process, then it is the same state byte for byte', async () => {
  expect(stage.replays.logs.length).toBeGreaterThan(80);
  await stage.replays.elsewhere(stage.folder);
}, 60_000);
