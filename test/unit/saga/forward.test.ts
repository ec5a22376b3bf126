import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { step } from '../../../src/machines/saga/step.ts';
import { Play } from './support/play.ts';
import { abc, plain, saga, terminal } from './support/specs.ts';

describe('a saga on the way forward', () => {
  it('given three steps, when each completes, then they run one after the other and the saga is completed', () => {
    const play = new Play(abc());
    expect(play.status).toBe('running');
    play.done('a').done('b');
    expect([...play.running.keys()]).toEqual(['c']);
    play.done('c');
    expect(play.story).toEqual(['a', 'b', 'c']);
    expect(play.ended).toBe(true);
    expect(play.output).toEqual({ status: 'completed', output: {}, undone: [], left: [], warnings: [] });
    expect(play.context.order).toEqual(['a', 'b', 'c']);
    expect(play.value).toEqual({ work: 'completed', control: 'settled' });
  });

  it('given a step that needs what an earlier one gave, when it runs, then it gets exactly the keys it names', () => {
    const spec = {
      ...saga(
        step({ name: 'fetch', needs: z.object({ url: z.string() }), gives: z.object({ file: z.string(), size: z.number() }), run: async () => ({ file: 'f', size: 1 }) }),
        step({ name: 'unpack', needs: z.object({ file: z.string(), mode: z.string().optional() }), gives: z.object({}), run: async () => ({}) }),
      ),
      input: z.object({ url: z.string(), other: z.number().default(7) }),
      output: (data: object) => ({ keys: Object.keys(data).sort() }),
    };
    const play = new Play(spec, { url: 'u' });
    expect(play.running.get('fetch')?.input).toEqual({ needs: { url: 'u' }, attempt: 1 });
    play.done('fetch', { file: 'f', size: 1, more: true });
    expect(play.running.get('unpack')?.input).toEqual({ needs: { file: 'f' }, attempt: 1 });
    play.done('unpack');
    expect(play.output.output).toEqual({ keys: ['file', 'other', 'size', 'url'] });
  });

  it('given a retryable failure, when attempts are left, then it waits a growing, durable delay and tries again', () => {
    const play = new Play(abc({ a: { retry: { attempts: 4, delayMs: 100, factor: 3, maxDelayMs: 500 } } }));
    play.fail('a');
    expect(play.status).toBe('waiting');
    expect(play.fire()).toBe(100);
    expect(play.running.get('a')?.input).toEqual({ needs: {}, attempt: 2 });
    play.fail('a');
    expect(play.fire()).toBe(300);
    play.fail('a');
    expect(play.fire()).toBe(500);
    expect(play.context.steps['a']).toMatchObject({ attempts: 4, status: 'running' });
    play.done('a');
    expect(play.context.steps['a']).toEqual({ status: 'done', applied: 'yes', attempts: 4, undoAttempts: 0 });
  });

  it('given no rule of its own, when a step fails three times, then the default budget is spent and it is undone', () => {
    const play = new Play(abc());
    play.done('a').fail('b');
    expect(play.fire()).toBe(1_000);
    play.fail('b');
    expect(play.fire()).toBe(2_000);
    play.fail('b');
    expect(play.status).toBe('undoing');
    expect([...play.running.keys()]).toEqual(['undo-b']);
  });

  it('given rules for the whole saga, when a step has none of its own, then those hold', () => {
    const play = new Play({ ...abc(), rules: { retry: { attempts: 1, delayMs: 0 } } });
    expect(play.fail('a').status).toBe('undoing');
  });

  it('given a terminal failure, when attempts are left, then it is not tried again', () => {
    const play = new Play(abc());
    play.fail('a', terminal);
    expect(play.status).toBe('undoing');
    expect(play.context.error).toMatchObject({ code: 'never' });
    expect(play.context.steps['a']).toMatchObject({ status: 'failed', attempts: 1 });
  });

  it('given a step with a check, when it is already done, then run is not called and what was found is recorded', () => {
    const found = step({ name: 'put', needs: z.object({}), gives: z.object({ id: z.string() }), run: async () => ({ id: 'x' }), check: async () => undefined });
    const play = new Play(saga(found));
    expect(play.story).toEqual(['check-put']);
    expect(play.context.steps['put']?.status).toBe('checking');
    play.done('check-put', { found: true, gives: { id: 'old' } });
    expect(play.story).toEqual(['check-put']);
    expect(play.output).toMatchObject({ status: 'completed', output: { id: 'old' } });
    expect(play.context.steps['put']).toMatchObject({ status: 'done', foundDone: true });
  });

  it('given a step with a check, when it is not done yet, then it runs, and is checked again before a retry', () => {
    const play = new Play(abc({ a: { check: async () => undefined } as never }));
    play.done('check-a', { found: false, gives: null }).fail('a');
    play.fire();
    expect(play.story).toEqual(['check-a', 'a', 'check-a']);
    expect(play.running.get('check-a')?.input).toEqual({ needs: {}, attempt: 2 });
  });

  it('given a check that fails, when attempts are left, then it backs off; when it fails for good, then nothing of this step is undone', () => {
    const play = new Play(abc({ b: { check: async () => undefined } as never }));
    play.done('a').fail('check-b');
    expect(play.status).toBe('waiting');
    play.fire();
    play.fail('check-b', terminal);
    expect([...play.running.keys()]).toEqual(['undo-a']);
  });

  it('given skipIf says why, when the step is reached, then it is recorded as skipped, gives what it says and is never undone', () => {
    const skipping = step({
      name: 'label', needs: z.object({ preview: z.boolean() }), gives: z.object({ until: z.string().nullable() }),
      run: async () => ({ until: 'x' }), undo: async () => {},
      skipIf: ({ preview }) => (preview ? false : 'this is no preview'), skipGives: { until: null },
    });
    const spec = { ...saga(skipping, plain('b')), input: z.object({ preview: z.boolean() }) };
    const play = new Play(spec, { preview: false });
    expect(play.story).toEqual(['b']);
    expect(play.context.steps['label']).toMatchObject({ status: 'skipped', skippedBecause: 'this is no preview' });
    expect(play.context.data).toEqual({ preview: false, until: null });
    play.fail('b', terminal).done('undo-b');
    expect(play.output).toMatchObject({ status: 'failed', undone: ['b'] });
    expect(new Play(spec, { preview: true }).story).toEqual(['label']);
  });

  it('given skipIf throws, when the step is reached, then the saga fails with bad_skip instead of losing the record', () => {
    const play = new Play(saga(plain('a'), plain('b', { skipIf: () => { throw new Error('hm'); } })));
    play.done('a');
    expect(play.context.error).toMatchObject({ code: 'bad_skip' });
    expect([...play.running.keys()]).toEqual(['undo-a']);
  });

  it('given what a step needs is missing at run time, when it is reached, then it fails with bad_step_input before anything of it runs', () => {
    const needy = step({ name: 'b', needs: z.object({ n: z.number() }), gives: z.object({}), run: async () => ({}), undo: async () => {} });
    const play = new Play({ ...saga(plain('a'), needy), input: z.object({ n: z.number().optional() }) });
    play.done('a');
    expect(play.context.error).toMatchObject({ code: 'bad_step_input', retryable: false });
    expect(play.story).toEqual(['a', 'undo-a']);
  });

  it('given a time limit, when a run is too long, then it is aborted, its end awaited, and the attempt counts as a retryable failure', () => {
    const play = new Play(abc({ a: { timeoutMs: 5_000, retry: { attempts: 2, delayMs: 10 } } as never }));
    expect(play.fire()).toBe(5_000);
    expect(play.running.get('a')?.aborting).toBe(true);
    expect(play.status).toBe('running');
    play.fail('a', { code: 'aborted', retryable: false });
    expect(play.context.steps['a']?.error).toMatchObject({ code: 'step_timeout', retryable: true });
    expect(play.status).toBe('waiting');
    play.fire();
    play.fire();
    play.fail('a', { code: 'aborted' });
    expect(play.context.error).toMatchObject({ code: 'step_timeout' });
    expect(play.status).toBe('undoing');
  });

  it('given a time limit that struck, when the run completes all the same, then it is done', () => {
    const play = new Play(abc({ a: { timeoutMs: 5_000 } as never }));
    play.fire();
    play.done('a');
    expect(play.context.steps['a']).toEqual({ status: 'done', applied: 'yes', attempts: 1, undoAttempts: 0 });
  });

  it('given a bookkeeping step, when it fails for good, then the saga completes with a warning', () => {
    const play = new Play(abc({ b: { bookkeeping: true, retry: { attempts: 2, delayMs: 1 } } }));
    play.done('a').fail('b');
    play.fire();
    play.fail('b').done('c');
    expect(play.output).toMatchObject({ status: 'completed', undone: [], warnings: [{ step: 'b', error: { code: 'oops' } }] });
    expect(play.context.steps['b']?.status).toBe('failed');
  });

  it('given output throws, when everything is done, then the saga is completed all the same and says so in a warning', () => {
    const play = new Play({ ...saga(plain('a')), output: () => { throw new Error('hm'); } });
    play.done('a');
    expect(play.output).toMatchObject({ status: 'completed', warnings: [{ step: 'output', error: { code: 'bad_saga_output' } }] });
  });
});
