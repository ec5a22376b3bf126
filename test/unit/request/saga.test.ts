import { describe, expect, it } from 'vitest';
import { requestsOf } from '../../../src/projections/requests.ts';
import { viewOf } from '../../../src/projections/view.ts';
import { Play } from '../saga/support/play.ts';
import { abc, plain, saga, terminal } from '../saga/support/specs.ts';

const aborted = { code: 'aborted', retryable: false };
const states = (play: Play) => play.requests.map(({ command, state }) => `${command} ${state}`);

describe('a request to a saga', () => {
  it('B7.21: given a running step, when stop is asked for, then the request pends with who, why, when and counts, and settles in the record in which the saga is stopped', () => {
    const play = new Play(abc());
    play.done('a').send('stop', { by: 'ann', reason: 'lunch' });
    expect(play.requests).toEqual([
      { id: 'c3', command: 'stop', by: 'ann', reason: 'lunch', at: 3_000, state: 'pending', counts: { done: 1, skipped: 0, toUndo: 2, steps: 3 } },
    ]);
    play.fail('b', aborted);
    expect(play.value.control).toBe('stopped');
    expect(play.requests).toMatchObject([{ state: 'completed', settledAt: 4_000, detail: 'stopped; b is next' }]);
    expect(viewOf(play.definition, play.state).requests).toEqual(play.requests);
  });

  it('given a cancel, when everything is undone, then it is completed and says what was undone', () => {
    const play = new Play(abc());
    play.done('a').send('cancel', { by: 'ann' });
    play.fail('b', aborted).done('undo-b').done('undo-a');
    expect(play.requests).toMatchObject([{ command: 'cancel', state: 'completed', detail: 'undone: b, a' }]);
  });

  it('B7.1, B7.17: given a stop that is pending, when another person asks for it, then the first request answers with its counts and nothing is recorded; once it is settled, a stop is a new request', () => {
    const play = new Play(abc());
    play.done('a').send('stop', { by: 'ann' });
    const records = play.log.length;
    expect(play.ask('stop', { by: 'bob' })).toEqual({ accepted: true, repeats: play.requests[0] });
    expect(play.log.length).toBe(records);
    play.fail('b', aborted).send('start', { by: 'ann' });
    expect(play.send('stop', { by: 'bob' })).toBe(true);
    expect(play.requests.map(({ command, by, state }) => `${command} ${by} ${state}`)).toEqual(['stop ann completed', 'start ann completed', 'stop bob pending']);
  });

  it('B7.9: given the abort of a step is not through, when start is asked for, then nothing is run before it is, and then the same record stops and starts', () => {
    const play = new Play(abc());
    play.send('stop', { by: 'ann' });
    play.send('start', { by: 'bob' });
    expect([play.value.control, play.story, states(play)]).toEqual(['restarting', ['a', 'abort a'], ['stop pending', 'start pending']]);
    play.fail('a', aborted);
    expect([play.value.control, play.story, states(play)]).toEqual(['running', ['a', 'abort a', 'a'], ['stop completed', 'start completed']]);
    expect(play.context.control).toEqual({ wish: 'run', by: 'bob' });
  });

  it('given stop is pending, when cancel comes, then the stop has failed, in the record in which the saga turns back', () => {
    const play = new Play(abc());
    play.send('stop');
    play.send('cancel');
    expect(states(play)).toEqual(['stop pending', 'cancel pending']);
    play.fail('a', aborted);
    expect(play.requests).toMatchObject([{ state: 'failed', code: 'cancelled' }, { state: 'pending' }]);
    play.done('undo-a');
    expect(states(play)).toEqual(['stop failed', 'cancel completed']);
  });

  it('given a blocked undo, when retry-undo and then abandon are asked for, then each is settled by what became of the undo', () => {
    const play = new Play(abc());
    play.send('cancel', { by: 'ann' });
    play.fail('a', aborted).fail('undo-a', terminal);
    expect(play.requests.at(-1)).toMatchObject({ command: 'cancel', state: 'pending', detail: 'blocked, the undo of a failed: never; retry-undo tries again, abandon leaves the rest' });
    play.send('retry-undo', { by: 'bob' });
    play.fail('undo-a', terminal);
    expect(play.requests.at(-1)).toMatchObject({ command: 'retry-undo', by: 'bob', state: 'failed', code: 'never' });
    play.send('abandon', { by: 'bob', reason: 'gone anyway' });
    expect(play.ended).toBe(true);
    expect(play.requests).toMatchObject([
      { command: 'cancel', state: 'failed', code: 'undo_abandoned' }, { command: 'retry-undo', state: 'failed' },
      { command: 'abandon', state: 'completed', detail: 'left as it is: a' },
    ]);
  });

  it('given a log, when its requests are read, then every one is there with the record that took it and the one that settled it', () => {
    const play = new Play(abc());
    play.send('stop', { by: 'ann' });
    play.fail('a', aborted).send('start', { by: 'bob' });
    play.done('a').done('b').done('c');
    expect(requestsOf(play.definition, play.log)).toMatchObject([
      { command: 'stop', by: 'ann', seq: 2, settledSeq: 3, state: 'completed' },
      { command: 'start', by: 'bob', seq: 4, settledSeq: 4, state: 'completed', detail: 'goes on with a' },
    ]);
  });

  it('B7.16: given a stop that comes in the last step, when that completes, then the saga is completed and the stop has failed with the reason', () => {
    const play = new Play(saga(plain('a')));
    play.send('stop');
    play.done('a');
    expect(play.requests).toMatchObject([{ state: 'failed', code: 'already_completed', detail: 'it completed before the stop could take effect' }]);
  });

  it('given a reason with a secret in it, when it is asked, then it is not stored', () => {
    const play = new Play(abc());
    const body = play.definition.commands['stop']?.parse({ reason: 'password=hunter22' }) as { reason: string };
    expect(body.reason).toBe('password=[redacted]');
  });
});
