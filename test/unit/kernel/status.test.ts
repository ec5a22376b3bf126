import { describe, expect, it } from 'vitest';
import { createMachine, log, setup } from 'xstate';
import { activity } from '../../../src/kernel/activity.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import { outputOf, statusOf, valueOf, waitingFor } from '../../../src/kernel/status.ts';
import { create, put } from './support/drive.ts';
import { zoo } from './support/zoo.ts';
import { Play } from '../saga/support/play.ts';
import { abc } from '../saga/support/specs.ts';

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
    expect(waitingFor(reminder.state).filter(({ kind }) => kind !== 'command')).toEqual([{ kind: 'timer', name: 'reminder', until: (reminder.log[0]?.at ?? 0) + 3_000_000_000 }]);
    const busy = put(create(zoo.boss), 'hire');
    expect(waitingFor(busy.state)).toEqual([{ kind: 'child', name: 'unit/boss--a1--unit--2-0' }]);
    expect(statusOf(zoo.boss, busy.state)).toBe('running');
  });

  it('given a state that a person is to leave, beside its time limit and beside what runs, then its commands are named; those that are taken at any time, and where something runs, are not', () => {
    const gate = defineMachine({ version: '1', machine: setup({ actors: { compile: activity(async () => null) } }).createMachine({
      id: 'gate', type: 'parallel', on: { ask: {}, note: { actions: log('x') } },
      states: {
        work: { initial: 'compiling', states: { compiling: { invoke: { id: 'compile', src: 'compile', onDone: 'done' }, on: { hurry: 'done' } }, done: {} } },
        hold: { initial: 'held', on: { cancel: '.over' }, states: { held: { on: { approve: 'over', reject: 'over', note: 'over', stop: 'over' }, after: { 600_000: 'over' } }, over: {} } },
      },
    }) });
    const held = create(gate);
    const names = (actor: typeof held) => waitingFor(actor.state).map(({ kind, name }) => `${kind} ${name.replace(/-[0-9a-f]{12}$/, '')}`);
    expect(names(held)).toEqual(['activity compile', 'timer after-600000-gate-hold-held', 'command approve', 'command reject']);
    expect(names(put(held, 'approve'))).toEqual(['activity compile']);
  });

  it('given a saga that goes on, or waits for its next attempt, then no command is waited for', () => {
    const play = new Play(abc({ a: { retry: { attempts: 2, delayMs: 500 } } }));
    expect(waitingFor(play.state).map(({ kind }) => kind)).toEqual(['activity']);
    expect(waitingFor(play.fail('a').state).map(({ kind }) => kind)).toEqual(['timer']);
  });
});
