import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { step } from '../../../src/machines/saga/step.ts';
import { Play } from './support/play.ts';
import { abc, plain, saga, terminal } from './support/specs.ts';

/** a and b done, c failed for good, c undone: the undo of b runs. */
function undoingB(): Play {
  const play = new Play(abc());
  play.done('a').done('b').fail('c', terminal).done('undo-c');
  return play;
}

describe('undo', () => {
  it('given a step fails for good, when the saga turns back, then its own undo runs first, told that the output is unknown', () => {
    const make = step({ name: 'make', needs: z.object({ n: z.number() }), gives: z.object({ id: z.string() }), run: async () => ({ id: 'x' }), undo: async () => {} });
    const use = step({ name: 'use', needs: z.object({ id: z.string() }), gives: z.object({ url: z.string() }), run: async () => ({ url: 'u' }), undo: async () => {} });
    const play = new Play({ ...saga(make, use), input: z.object({ n: z.number() }) }, { n: 3 });
    play.done('make', { id: 'm1' }).fail('use', terminal);
    expect(play.running.get('undo-use')?.input).toEqual({ needs: { id: 'm1' }, attempt: 1 });
    play.done('undo-use');
    expect(play.running.get('undo-make')?.input).toEqual({ needs: { n: 3 }, attempt: 1, output: { id: 'm1' } });
    play.done('undo-make');
    expect(play.output).toMatchObject({ status: 'failed', error: { code: 'never' }, undone: ['use', 'make'], left: [] });
    expect(play.context.steps['make']).toMatchObject({ status: 'undone', applied: 'no' });
  });

  it('given steps without an undo, when the saga turns back, then they are passed over', () => {
    const play = new Play(abc({ a: { undo: undefined } as never, c: { undo: undefined } as never }));
    play.done('a').done('b').fail('c', terminal);
    expect([...play.running.keys()]).toEqual(['undo-b']);
    expect(play.done('undo-b').output).toMatchObject({ status: 'failed', undone: ['b'], left: [] });
  });

  it('given nothing to undo at all, when a step fails for good, then the saga is failed at once', () => {
    const play = new Play(saga(plain('a', { undo: undefined } as never)));
    expect(play.fail('a', terminal).output.status).toBe('failed');
  });

  it('given an undo that fails, when it may succeed later, then it is tried again after a durable delay', () => {
    const play = undoingB();
    play.fail('undo-b');
    expect(play.status).toBe('undoing');
    expect(play.fire()).toBe(1_000);
    expect(play.running.get('undo-b')?.input).toMatchObject({ attempt: 2 });
    play.done('undo-b').done('undo-a');
    expect(play.output).toMatchObject({ status: 'failed', undone: ['c', 'b', 'a'] });
  });

  it('given an undo whose budget is spent, when it fails the last time, then the saga is blocked, says why, and nothing before it is undone', () => {
    const play = undoingB();
    for (const delay of [1_000, 2_000, 4_000, 8_000]) {
      play.fail('undo-b');
      expect(play.fire()).toBe(delay);
    }
    play.fail('undo-b', { code: 'locked' });
    expect(play.status).toBe('blocked');
    expect(play.value).toEqual({ work: { 'undo-b': 'blocked' }, control: 'blocked' });
    expect(play.running.size + play.timers.size).toBe(0);
    expect(play.context.blocked).toMatchObject({ step: 'b', attempts: 5, remaining: ['b', 'a'], error: { code: 'locked' } });
    expect(play.context.steps['b']).toMatchObject({ status: 'undo-failed' });
  });

  it('given an undo that fails for good, when attempts are left, then the saga is blocked at once', () => {
    expect(undoingB().fail('undo-b', terminal).context.blocked).toMatchObject({ step: 'b', attempts: 1 });
  });

  it('given a blocked saga, when retry-undo is asked for, then it tries again with a fresh budget and goes on', () => {
    const play = undoingB();
    play.fail('undo-b', terminal);
    expect(play.send('retry-undo')).toBe(true);
    expect(play.status).toBe('undoing');
    expect(play.value.control).toBe('undoing');
    expect(play.context.blocked).toBeNull();
    expect(play.running.get('undo-b')?.input).toMatchObject({ attempt: 1 });
    play.fail('undo-b');
    play.fire();
    play.done('undo-b').done('undo-a');
    expect(play.output).toMatchObject({ status: 'failed', undone: ['c', 'b', 'a'], left: [] });
    expect(play.context.steps['b']).toEqual({ status: 'undone', applied: 'no', attempts: 1, undoAttempts: 2 });
  });

  it('given a blocked saga, when it is abandoned, then it is failed and says what is left and who left it', () => {
    const play = undoingB();
    play.fail('undo-b', terminal);
    expect(play.send('abandon', { by: 'ann', reason: 'cleaned by hand' })).toBe(true);
    expect(play.output).toMatchObject({ status: 'failed', undone: ['c'], left: ['b', 'a'], error: { code: 'never' } });
    expect(play.context.abandoned).toEqual({ by: 'ann', reason: 'cleaned by hand' });
    expect(play.context.steps['a']?.status).toBe('left');
    expect(play.value).toEqual({ work: 'failed', control: 'settled' });
  });

  it('given a cancelled saga whose undo is blocked, when it is abandoned, then it ends failed, not cancelled', () => {
    const play = new Play(saga(plain('a')));
    play.send('cancel');
    play.done('a').fail('undo-a', terminal);
    play.send('abandon');
    expect(play.output).toMatchObject({ status: 'failed', left: ['a'], error: { code: 'undo_abandoned' } });
  });

  it('given an undoRetry of its own, when the undo fails, then that budget holds', () => {
    const play = new Play(saga(plain('a', { undoRetry: { attempts: 2, delayMs: 50 } })));
    play.fail('a', terminal).fail('undo-a');
    expect(play.fire()).toBe(50);
    expect(play.fail('undo-a').status).toBe('blocked');
  });

  it('given a failed bookkeeping step, when a later step fails for good, then it too counts as maybe applied', () => {
    const play = new Play(abc({ b: { bookkeeping: true } }));
    play.done('a').fail('b', terminal).fail('c', terminal).done('undo-c').done('undo-b').done('undo-a');
    expect(play.output).toMatchObject({ status: 'failed', undone: ['c', 'b', 'a'] });
  });
});
