import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ActivityScope } from '../../../src/kernel/definition.ts';
import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import { activitiesOf } from '../../../src/machines/saga/activities.ts';
import { step, type Step, type StepScope, type UndoScope } from '../../../src/machines/saga/step.ts';
import { saga } from './support/specs.ts';

const scope = (input: unknown): ActivityScope<never> => ({
  input: input as never, signal: new AbortController().signal, actor: 'demo/d1', effect: '4:0', key: 'demo/d1#4:0', progress: () => {}, now: () => 0, secret: () => { throw new Error('it has none'); }, wait: () => Promise.resolve(),
});

const run = (steps: readonly Step[], name: string, input: unknown): Promise<unknown> => {
  const code = activitiesOf(saga(...steps))[name];
  if (!code) throw new Error(`no code ${name}`);
  return code(scope(input));
};

const needs = z.object({ count: z.number().default(2), note: z.string().optional() });
const gives = z.object({ id: z.string(), note2: z.string().optional() });

describe('the code of a step', () => {
  it('given a run, when the host calls it, then it gets its parsed needs, the attempt, the step\'s key and the host\'s own scope', async () => {
    let seen: StepScope<{ count: number; note?: string | undefined }> | undefined;
    const steps = [step({ name: 'make', needs, gives, run: async (s) => { seen = s; return { id: 'x', note2: undefined, extra: 1 }; } })];
    expect(await run(steps, 'make', { needs: {}, attempt: 3 })).toEqual({ id: 'x' });
    expect(seen).toMatchObject({ input: { count: 2 }, attempt: 3, stepKey: 'demo/d1/make', key: 'demo/d1#4:0', effect: '4:0', actor: 'demo/d1' });
  });

  it('given an undo, when the step is known to be done, then it gets its output, else undefined, under the same step key', async () => {
    const seen: UndoScope<unknown, { id: string }>[] = [];
    const steps = [step({ name: 'make', needs, gives, run: async () => ({ id: 'x' }), undo: async (s) => { seen.push(s as never); } })];
    expect(await run(steps, 'undo-make', { needs: {}, attempt: 1, output: { id: 'x' } })).toBeNull();
    await run(steps, 'undo-make', { needs: { count: 5 }, attempt: 2 });
    expect(seen).toMatchObject([{ output: { id: 'x' }, stepKey: 'demo/d1/make', attempt: 1 }, { input: { count: 5 }, attempt: 2 }]);
    expect(seen[1]?.output).toBeUndefined();
  });

  it('given a check, when it finds the step done or not, then it says so in plain JSON', async () => {
    const steps = [step({ name: 'make', needs, gives, run: async () => ({ id: 'x' }), check: async (s) => (s.input.count > 4 ? { id: 'old' } : undefined) })];
    expect(await run(steps, 'check-make', { needs: { count: 5 }, attempt: 1 })).toEqual({ found: true, gives: { id: 'old' } });
    expect(await run(steps, 'check-make', { needs: {}, attempt: 1 })).toEqual({ found: false, gives: null });
  });

  it.each([
    ['misses a key', {}],
    ['has a value that is no JSON', { id: 'x', at: new Date(0) }],
    ['is a number that JSON cannot say', { id: 'x', at: Number.NaN }],
  ])('given what a run gives %s, when it returns, then that is a terminal bad_step_output', async (_, output) => {
    const steps = [step({ name: 'make', needs, gives: z.looseObject({ id: z.string(), at: z.unknown().optional() }), run: async () => output as never })];
    await expect(run(steps, 'make', { needs: {}, attempt: 1 })).rejects.toMatchObject({ code: 'bad_step_output', retryable: false });
  });

  it('given needs that do not fit, when the code would run, then that is a terminal bad_step_input', async () => {
    const steps = [step({ name: 'make', needs, gives, run: async () => ({ id: 'x' }) })];
    await expect(run(steps, 'make', { needs: { count: 'many' }, attempt: 1 })).rejects.toMatchObject({ code: 'bad_step_input', retryable: false });
  });

  it('given an error, when it is one of Millrace\'s, then it stays what it is; any other counts as retryable step_failed', async () => {
    const throwing = (error: unknown) => [step({ name: 'make', needs, gives, run: async () => { throw error; } })];
    const input = { needs: {}, attempt: 1 };
    const final = new TerminalError('no_disk', 'no');
    await expect(run(throwing(final), 'make', input)).rejects.toBe(final);
    const passing = new RetryableError('away', 'away');
    await expect(run(throwing(passing), 'make', input)).rejects.toBe(passing);
    await expect(run(throwing(new TypeError('x is not')), 'make', input)).rejects.toMatchObject({ code: 'step_failed', retryable: true, message: 'step "make" failed: x is not' });
  });
});
