import { describe, expect, it } from 'vitest';
import { timerName } from '../../../src/kernel/timer-names.ts';
import { awaitedLine, awaitedText } from '../../../src/projections/awaited.ts';
import type { Awaited } from '../../../src/kernel/status.ts';

const peoples = ['stop', 'start'];
const time = (at: number): string => `t${at}`;
const timer = (id: string, until: number): Awaited => ({ kind: 'timer', name: timerName(id), until });
const command = (name: string): Awaited => ({ kind: 'command', name });
const text = (type: string, ...all: Awaited[]): string => awaitedText(type, all, peoples, time);

describe('what an actor waits for, in words', () => {
  it('given a command beside a time limit without a name, then the command is waited for until then; several are listed', () => {
    expect(text('par', timer('xstate.after.600000.par.held', 7), command('approve'))).toBe('waits for approve, until t7');
    expect(text('par', command('approve'), command('reject'), timer('xstate.after.deadline.par.held', 7))).toBe('waits for approve, reject, deadline at t7');
  });

  it('given timers alone, then they are told as people write them, the first one first; what runs is told elsewhere', () => {
    expect(text('par', timer('xstate.after.600000.par.held', 7))).toBe('waits for 10 min, until t7');
    expect(text('run', timer('xstate.after.deadline.run.polling', 9), timer('xstate.after.nextCheck.run.polling.waiting', 7))).toBe('waits for next check at t7, deadline at t9');
    expect(text('par', { kind: 'activity', name: 'compile' })).toBe('');
  });

  it('given commands alone, then those that people give are told, else all; rows as they were stored before read as ever', () => {
    expect(text('build', command('request-settled'), command('start'))).toBe('waits for start');
    expect(text('lamp', command('flip'))).toBe('waits for flip');
  });

  it('given one that has a line of its own, then a timer is no id there', () => {
    expect(awaitedLine('run', timer('xstate.after.nextLook.run.stopped.waiting', 7), time)).toBe('for the timer next look, due t7');
    expect(awaitedLine('par', command('approve'), time)).toBe('for the command approve');
  });
});
