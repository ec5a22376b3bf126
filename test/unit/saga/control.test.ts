import { describe, expect, it } from 'vitest';
import { sagaCommands } from '../../../src/machines/saga/commands.ts';
import { Play } from './support/play.ts';
import { abc, plain, saga, terminal } from './support/specs.ts';

const aborted = { code: 'aborted', retryable: false };
const checked = { check: async () => undefined } as never;

describe('stop', () => {
  it('given a running step, when stop is asked for, then it is aborted, its end awaited, and nothing is undone', () => {
    const play = new Play(abc());
    play.done('a');
    expect(play.send('stop', { by: 'ann', reason: 'lunch' })).toBe(true);
    expect(play.status).toBe('stopping');
    expect(play.value.control).toBe('stopping');
    expect(play.context.control).toEqual({ wish: 'stop', by: 'ann', reason: 'lunch' });
    play.fail('b', aborted);
    expect(play.status).toBe('stopped');
    expect(play.value).toEqual({ work: { b: 'paused' }, control: 'stopped' });
    expect(play.story).toEqual(['a', 'b', 'abort b']);
    expect(play.context.steps['b']).toMatchObject({ status: 'pending', applied: 'maybe' });
  });

  it('given a stop, when the running step completes all the same, then it is done and the saga pauses before the next', () => {
    const play = new Play(abc());
    play.send('stop');
    play.done('a');
    expect(play.value).toEqual({ work: { b: 'paused' }, control: 'stopped' });
    expect(play.context.order).toEqual(['a']);
  });

  it('given a stop during the last step, when it completes, then nothing is left and the saga is completed', () => {
    const play = new Play(saga(plain('a')));
    play.send('stop');
    play.done('a');
    expect(play.output.status).toBe('completed');
    expect(play.value.control).toBe('settled');
  });

  it('given a stop, when the running step fails for good, then the saga is stopped, not undone, and start tries it again', () => {
    const play = new Play(abc());
    play.send('stop');
    play.fail('a', terminal);
    expect(play.status).toBe('stopped');
    play.send('start');
    expect(play.context.phase).toBe('forward');
    expect(play.running.get('a')?.input).toEqual({ needs: {}, attempt: 1 });
  });

  it('given a step that waits for its next attempt, when stop is asked for, then it is stopped in the same record and the timer is gone', () => {
    const play = new Play(abc());
    play.fail('a');
    play.send('stop');
    expect(play.status).toBe('stopped');
    expect(play.timers.size).toBe(0);
  });

  it.each([
    ['not done', { found: false, gives: null }, { a: 'paused' }],
    ['done already', { found: true, gives: {} }, { b: 'paused' }],
  ])('given a stop during a check, when the check still says it is %s, then the saga pauses at the right step', (_, answer, work) => {
    const play = new Play(abc({ a: checked }));
    play.send('stop');
    expect(play.status).toBe('stopping');
    expect(play.story).toEqual(['check-a', 'abort check-a']);
    play.done('check-a', answer);
    expect(play.value).toEqual({ work, control: 'stopped' });
  });

  it('given a stop during a check, when the check ends aborted, then the saga pauses in this step', () => {
    const play = new Play(abc({ a: checked }));
    play.send('stop');
    expect(play.fail('check-a', aborted).value).toEqual({ work: { a: 'paused' }, control: 'stopped' });
  });

  it('given a run that timed out, when stop is asked for, then it is not aborted twice and pauses at its end', () => {
    const play = new Play(abc({ a: { timeoutMs: 5 } as never }));
    play.fire();
    play.send('stop');
    expect(play.status).toBe('stopping');
    expect(play.fail('a', aborted).status).toBe('stopped');
    expect(play.story).toEqual(['a', 'abort a']);
  });
});

describe('start', () => {
  it('given a stopped step with a check, when start is asked for, then it plans again: what is done is recorded and not run', () => {
    const play = new Play(abc({ a: checked }));
    play.done('check-a', { found: false, gives: null });
    play.send('stop');
    play.fail('a', aborted);
    expect(play.send('start', { by: 'bob' })).toBe(true);
    expect(play.context.control).toEqual({ wish: 'run', by: 'bob' });
    expect(play.status).toBe('running');
    play.done('check-a', { found: true, gives: {} });
    expect(play.story).toEqual(['check-a', 'a', 'abort a', 'check-a', 'b']);
    expect(play.context.steps['a']).toMatchObject({ status: 'done', foundDone: true, applied: 'yes' });
  });

  it('given a stopped saga whose last step is found done, when started, then it completes without running anything', () => {
    const play = new Play(saga(plain('a', checked)));
    play.send('stop');
    play.done('check-a', { found: false, gives: null });
    play.send('start');
    play.done('check-a', { found: true, gives: {} });
    expect(play.story).not.toContain('a');
    expect(play.output.status).toBe('completed');
  });
});

describe('cancel', () => {
  it('given a running step, when cancelled, then its end is awaited before its own undo, and the rest follows strictly in reverse', () => {
    const play = new Play(abc());
    play.done('a').done('b');
    play.send('cancel', { by: 'ann', reason: 'wrong branch' });
    expect(play.status).toBe('undoing');
    expect([...play.running.keys()]).toEqual(['c']);
    play.fail('c', aborted);
    expect(play.running.get('undo-c')?.input).toEqual({ needs: {}, attempt: 1 });
    play.done('undo-c');
    expect(play.running.get('undo-b')?.input).toEqual({ needs: {}, attempt: 1, output: {} });
    play.done('undo-b').done('undo-a');
    expect(play.output).toEqual({ status: 'cancelled', undone: ['c', 'b', 'a'], left: [], warnings: [] });
    expect(play.context.control).toEqual({ wish: 'cancel', by: 'ann', reason: 'wrong branch' });
  });

  it('given a cancel during the last step, when it completes all the same, then it is undone with its output', () => {
    const play = new Play(saga(plain('a')));
    play.send('cancel');
    play.done('a');
    expect(play.running.get('undo-a')?.input).toEqual({ needs: {}, attempt: 1, output: {} });
    expect(play.done('undo-a').output.status).toBe('cancelled');
  });

  it('given a stop under way, when cancelled, then nothing is aborted twice and the saga turns back', () => {
    const play = new Play(abc());
    play.send('stop');
    play.send('cancel');
    expect(play.status).toBe('undoing');
    play.fail('a', aborted).done('undo-a');
    expect(play.story).toEqual(['a', 'abort a', 'undo-a']);
    expect(play.output.status).toBe('cancelled');
  });

  it('given a stopped saga, when cancelled, then the interrupted step counts as maybe applied and is undone at once', () => {
    const play = new Play(abc());
    play.done('a');
    play.send('stop');
    play.fail('b', aborted);
    play.send('cancel');
    expect(play.value).toEqual({ work: { 'undo-b': 'executing' }, control: 'undoing' });
    play.done('undo-b').done('undo-a');
    expect(play.output.undone).toEqual(['b', 'a']);
  });

  it('given a saga stopped before a step began, when cancelled, then that step is not undone', () => {
    const play = new Play(abc());
    play.send('stop');
    play.done('a');
    play.send('cancel');
    expect([...play.running.keys()]).toEqual(['undo-a']);
  });

  it('given a step that waits for its next attempt, when cancelled, then it is undone at once', () => {
    const play = new Play(abc());
    play.fail('a');
    play.send('cancel');
    expect([...play.running.keys()]).toEqual(['undo-a']);
    expect(play.timers.size).toBe(0);
    expect(play.done('undo-a').output).toMatchObject({ status: 'cancelled', undone: ['a'] });
  });

  it('given a cancel during a check, when the check ends, then this step, which never ran, is not undone', () => {
    const play = new Play(abc({ b: checked }));
    play.done('a');
    play.send('cancel');
    expect([...play.running.keys()]).toEqual(['check-b']);
    play.fail('check-b', aborted);
    expect([...play.running.keys()]).toEqual(['undo-a']);
  });

  it('given a bookkeeping step, when cancelled while it runs, then the saga is still undone', () => {
    const play = new Play(abc({ c: { bookkeeping: true } }));
    play.done('a').done('b');
    play.send('cancel');
    play.fail('c', aborted).done('undo-c').done('undo-b').done('undo-a');
    expect(play.output.status).toBe('cancelled');
  });

  it('given a step that was found done and never run here, when cancelled, then it is not undone: somebody else did it', () => {
    const play = new Play(abc({ a: checked }));
    play.done('check-a', { found: true, gives: {} });
    play.send('cancel');
    play.fail('b', aborted).done('undo-b');
    expect(play.output).toMatchObject({ status: 'cancelled', undone: ['b'] });
  });

  it('given a failure came first, when cancelled while undoing, then it is accepted and the saga still ends failed', () => {
    const play = new Play(abc());
    play.fail('a', terminal);
    expect(play.send('cancel', { by: 'ann' })).toBe(true);
    expect(play.ask('cancel', { by: 'bob' })).toMatchObject({ accepted: true, repeats: { by: 'ann', state: 'pending' } });
    expect(play.context.control.by).toBe('ann');
    expect(play.done('undo-a').output.status).toBe('failed');
  });
});

describe('what can be asked', () => {
  const at = (drive: (play: Play) => unknown): readonly string[] => {
    const play = new Play(abc());
    drive(play);
    return play.allowed;
  };

  it('given each state, when asked what it takes, then only what makes sense is taken', () => {
    expect(at(() => {})).toEqual(['cancel', 'stop']);
    expect(at((play) => play.fail('a'))).toEqual(['cancel', 'stop']);
    expect(at((play) => play.send('stop'))).toEqual(['cancel', 'start']);
    expect(at((play) => { play.send('stop'); play.done('a'); })).toEqual(['cancel', 'start']);
    expect(at((play) => play.send('cancel'))).toEqual([]);
    expect(at((play) => play.fail('a', terminal))).toEqual(['cancel']);
    expect(at((play) => play.fail('a', terminal).fail('undo-a', terminal))).toEqual(['abandon', 'retry-undo']);
    expect(at((play) => play.done('a').done('b').done('c'))).toEqual([]);
    expect(at((play) => play.fail('a', terminal).done('undo-a'))).toEqual([]);
  });

  it('given a failure whose message ends as a sentence does, when a command comes too late or while it is undone, then the refusal is one sentence', () => {
    const play = new Play(abc());
    play.done('a').fail('b', { ...terminal, message: 'The build failed: exit code 1.' });
    expect(play.ask('stop')).toMatchObject({ reason: 'it is being undone, for it failed: The build failed: exit code 1; should that get stuck, `retry-undo` and `abandon` are the ways out' });
    play.done('undo-b').done('undo-a');
    expect(play.ask('stop')).toMatchObject({ reason: 'it is already failed: The build failed: exit code 1; undone: b, a' });
  });

  it('given a command body, when it has an unknown field or a reason that is no text, then it is refused', () => {
    for (const schema of Object.values(sagaCommands)) {
      expect(schema.safeParse({}).success).toBe(true);
      expect(schema.safeParse({ reason: 'because' }).success).toBe(true);
      expect(schema.safeParse({ reason: 1 }).success).toBe(false);
      expect(schema.safeParse({ force: true }).success).toBe(false);
    }
    expect(Object.keys(sagaCommands)).toEqual(['stop', 'start', 'cancel', 'retry-undo', 'abandon']);
  });
});
