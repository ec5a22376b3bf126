import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { defineMachine } from '../../../src/kernel/define.ts';
import { outputOf, statusOf, valueOf, waitingFor } from '../../../src/kernel/status.ts';
import { create, put } from './support/drive.ts';
import { zoo } from './support/zoo.ts';

const tagged = defineMachine({
  version: '1',
  machine: createMachine({
    id: 'm', type: 'parallel', output: { status: 'cancelled', why: 'asked' },
    states: {
      work: { initial: 'idle', states: { idle: { on: { go: 'busy' } }, busy: { tags: ['running', 'other'], on: { end: 'over' } }, over: { type: 'final' } } },
      control: { initial: 'none', states: { none: { on: { stop: 'asked', end: 'fine' } }, asked: { tags: 'stopping' }, fine: { type: 'final' } } },
    },
  }),
});

describe('what people see', () => {
  it('given nothing that runs, then the actor waits, and the commands it could take are named', () => {
    const idle = create(tagged);
    expect(statusOf(tagged, idle.state)).toBe('waiting');
    expect(waitingFor(idle.state)).toEqual([{ kind: 'command', name: 'end' }, { kind: 'command', name: 'go' }, { kind: 'command', name: 'stop' }]);
  });

  it('given tags that are statuses, then they are shown, the more urgent of two first', () => {
    const busy = put(create(tagged), 'go');
    expect(statusOf(tagged, busy.state)).toBe('running');
    expect(statusOf(tagged, put(busy, 'stop').state)).toBe('stopping');
    expect(valueOf(busy.state)).toEqual({ work: 'busy', control: 'none' });
  });

  it('given a chart that ended with a status in its output, then that is its status, and it waits for nothing', () => {
    const ended = put(put(create(tagged), 'go'), 'end');
    expect(statusOf(tagged, ended.state)).toBe('cancelled');
    expect(outputOf(ended.state)).toEqual({ status: 'cancelled', why: 'asked' });
    expect(waitingFor(ended.state)).toEqual([]);
  });

  it('given timers and children, then each is named, timers with their moment', () => {
    const reminder = create(zoo.order);
    expect(waitingFor(reminder.state)).toEqual([{ kind: 'timer', name: 'reminder', until: (reminder.log[0]?.at ?? 0) + 3_000_000_000 }]);
    const busy = put(create(zoo.boss), 'hire');
    expect(waitingFor(busy.state)).toEqual([{ kind: 'child', name: 'unit/boss--a1--unit--2-0' }]);
    expect(statusOf(zoo.boss, busy.state)).toBe('running');
  });
});
