import { describe, expect, it } from 'vitest';
import { timerName } from '../../../src/kernel/timer-names.ts';
import type { LogRecord } from '../../../src/kernel/record.ts';
import { timerWords } from '../../../src/projections/chart/timer-words.ts';
import { moodOf, sentenceOf } from '../../../src/projections/story.ts';

const record = (type: string, data: LogRecord['data'], machine = 'build'): LogRecord => ({ actor: `${machine}/b1`, seq: 2, at: 1, type, cause: '1:0', machine: { name: machine, version: '1', hash: 'h' } as LogRecord['machine'], data, chain: '0' });

describe('a timer in words', () => {
  it.each([
    ['xstate.after.retry-build-artifact.build.work.build-artifact.backingOff', 'build', 'the next attempt of build-artifact'],
    ['xstate.after.retry-create-config-version.build.work.create-config-version.backingOff', 'build', 'the next attempt of create-config-version'],
    ['xstate.after.undo-retry-next-version.build.work.undo-next-version.backingOff', 'build', 'the next attempt to undo next-version'],
    ['xstate.after.timeout-pay.order.work.pay.executing', 'order', 'the time limit of pay'],
    ['xstate.after.nextCheck.run.polling.waiting', 'run', 'next check'],
    ['xstate.after.500.order.paying', 'order', '500 ms'],
    ['xstate.after.600000.par.held', 'par', '10 min'],
    ['xstate.after.90000.par.held', 'approval', '1 min 30 s'],
  ])('given %s of a %s, then it is %s', (id, type, words) => {
    expect(timerWords(timerName(id), type)).toBe(words);
  });

  it('given a timer that somebody named, then it keeps its name', () => {
    expect(timerWords('reminder', 'order')).toBe('reminder');
  });
});

describe('a record as a sentence', () => {
  it('given a timer that fired, then it says what is due', () => {
    expect(sentenceOf(record('timer.fired', { timer: timerName('xstate.after.nextCheck.run.polling.waiting') }, 'run'))).toBe('next check is due');
    expect(sentenceOf(record('timer.fired', { timer: timerName('xstate.after.600000.par.held') }, 'par'))).toBe('10 min passed');
  });

  it('given a child that has answered what it was asked, then it says what came of it', () => {
    expect(sentenceOf(record('request-settled', { tell: 'build-artifact', command: 'stop', state: 'completed', detail: 'the build is stopped' }))).toBe('build-artifact says: stop completed, the build is stopped');
  });

  it('given a child that ended badly, then it says how and why', () => {
    const failed = record('child.completed', { child: 'build-artifact', output: { status: 'failed', reason: 'the machine was taken away' } });
    expect(sentenceOf(failed)).toBe('build-artifact failed: the machine was taken away');
    expect(moodOf(failed)).toBe('bad');
    expect(sentenceOf(record('child.completed', { child: 'build-artifact', output: { status: 'succeeded' } }))).toBe('build-artifact done');
  });
});
