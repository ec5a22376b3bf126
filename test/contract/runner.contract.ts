import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTerminal, type BuildId, type BuildRunner, type RunSample, type TriggerRequest } from '../../src/machines/run/runner.ts';

/** How a build is to go. `hang`: until it is cancelled. */
export type Course = 'succeed' | 'fail' | 'hang';

export interface RunnerHarness {
  readonly runner: BuildRunner;
  /** The same backend, as another worker sees it. */
  another(): BuildRunner;
  /** Head and metadata that make a build take this course. */
  course(course: Course): Promise<Pick<TriggerRequest, 'head' | 'metadata'>>;
  /** How many builds the backend began, where that can be told. */
  began?(): Promise<number>;
  close(): Promise<void>;
}

/** What every runner must do. `courses`: those this runner has; every one can succeed. */
export function runnerContract(name: string, courses: readonly Course[], open: () => Promise<RunnerHarness>): void {
  describe(`a runner: ${name}`, () => {
    let harness: RunnerHarness;
    beforeEach(async () => { harness = await open(); });
    afterEach(async () => { await harness.close(); });

    const ask = async (course: Course, key: string, more: Record<string, string> = {}): Promise<TriggerRequest> => {
      const { head, metadata } = await harness.course(course);
      return { base: [], head, metadata: { ...metadata, ...more }, idempotencyKey: key };
    };
    const untilEnded = async (runner: BuildRunner, id: BuildId): Promise<RunSample> => {
      for (;;) {
        const sample = await runner.status(id);
        if (isTerminal(sample.status)) return sample;
        expect(['unknown', 'accepted', 'running']).toContain(sample.status);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    it('given a build that goes well, when it is watched, then it ends succeeded and stays so, whoever asks', async () => {
      const { runner } = harness;
      const id = await runner.trigger(await ask('succeed', 'run/a'));
      expect(id).toMatch(/^[\w-]+$/);
      const ended = await untilEnded(runner, id);
      expect(ended.status).toBe('succeeded');
      expect(await runner.status(id)).toEqual(ended);
      expect(await harness.another().status(id)).toEqual(ended);
    });

    it('given the same key, when it is triggered again and at once and elsewhere, then there is one build', async () => {
      const { runner } = harness;
      const asked = await ask('succeed', 'run/a');
      const ids = await Promise.all([runner, runner, harness.another()].map((one) => one.trigger(asked)));
      expect(new Set(ids).size).toBe(1);
      const [id] = ids;
      if (id === undefined) throw new Error('no id');
      await untilEnded(runner, id);
      expect(await runner.trigger(asked)).toBe(id);
      expect((await runner.status(id)).status).toBe('succeeded');
      if (harness.began !== undefined) expect(await harness.began()).toBe(1);
    });

    it('given two keys, when both are triggered, then there are two builds', async () => {
      const first = await harness.runner.trigger(await ask('succeed', 'run/a'));
      const second = await harness.runner.trigger(await ask('succeed', 'run/b'));
      expect(first).not.toBe(second);
      await Promise.all([first, second].map((id) => untilEnded(harness.runner, id)));
    });

    it('given metadata, when the build is asked about, then it comes back as it was given', async () => {
      const note = { note: 'päper & "quotes"\n\u2028', 'dotted.key': '' };
      const id = await harness.runner.trigger(await ask('succeed', 'run/a', note));
      expect((await harness.runner.status(id)).metadata).toMatchObject(note);
      expect((await untilEnded(harness.runner, id)).metadata).toMatchObject(note);
    });

    it('given an id nobody was given, when it is asked about or cancelled, then that is said', async () => {
      for (const id of ['nonsense', '../..', '', 'a'.repeat(32)] as BuildId[]) {
        await expect(harness.runner.status(id)).rejects.toMatchObject({ code: 'unknown_build', retryable: false });
        await expect(harness.runner.cancel(id)).rejects.toMatchObject({ code: 'unknown_build', retryable: false });
      }
    });

    it('given an ended build, when it is cancelled, then nothing happens to it', async () => {
      const id = await harness.runner.trigger(await ask('succeed', 'run/a'));
      const ended = await untilEnded(harness.runner, id);
      await harness.runner.cancel(id);
      expect(await harness.runner.status(id)).toEqual(ended);
    });

    if (courses.includes('fail')) it('given a build that goes wrong, when it is watched, then it ends failed and stays so', async () => {
      const id = await harness.runner.trigger(await ask('fail', 'run/a'));
      const ended = await untilEnded(harness.runner, id);
      expect(ended.status).toBe('failed');
      expect(await harness.another().status(id)).toEqual(ended);
    });

    if (courses.includes('hang')) it('given a build that runs, when it is cancelled, twice and from elsewhere, then it ends cancelled', async () => {
      const id = await harness.runner.trigger(await ask('hang', 'run/a'));
      expect(isTerminal((await harness.runner.status(id)).status)).toBe(false);
      await Promise.all([harness.runner.cancel(id), harness.another().cancel(id)]);
      expect((await untilEnded(harness.runner, id)).status).toBe('cancelled');
    });
  });
}
