import { named, type ChartState, type Named, type Transition } from './config.ts';

const settle = named('settleRequests');
const ended: Transition = { guard: named('hasEnded'), target: 'settled', actions: [settle], description: 'the saga has ended' };
const undoing: Transition = { guard: named('isUndoing'), target: 'undoing', actions: [settle], description: 'the saga turned back' };
const cancel: Transition = { target: 'cancelling', actions: [named('wishCancel')], description: 'turn back' };
const stop: Transition = { target: 'stopping', actions: [named('wishStop')], description: 'pause' };
const paused = (target: string, actions: readonly Named[]): Transition =>
  ({ guard: named('isPaused'), target, actions: [settle, ...actions], description: 'nothing runs any more' });

/** What people want, and how far it has come. The work region reads the wish from the context; each wish is a request there, settled on the way. */
export const controlRegion: ChartState = {
  description: 'What the people who control the saga want of it.',
  initial: 'running',
  states: {
    running: {
      description: 'It is meant to run.',
      on: { stop: [stop], cancel: [cancel] },
      always: [ended, undoing],
    },
    stopping: {
      description: 'Stop was asked for; what runs is awaited.',
      on: { start: [{ target: 'restarting', actions: [named('askStart')], description: 'go on once it is stopped' }], cancel: [cancel] },
      always: [ended, undoing, paused('stopped', [])],
    },
    restarting: {
      description: 'Stop and then start were asked for; what runs is awaited first.',
      on: { stop: [{ ...stop, description: 'stay stopped' }], cancel: [cancel] },
      always: [ended, undoing, paused('starting', [named('wishRun')])],
    },
    stopped: {
      description: 'It is paused.',
      on: { start: [{ target: 'starting', actions: [named('askStart'), named('wishRun')], description: 'go on' }], cancel: [cancel] },
      always: [ended, undoing],
    },
    starting: {
      description: 'Start was asked for; what is done already is looked for before anything is done again.',
      on: { stop: [stop], cancel: [cancel] },
      always: [
        ended, undoing,
        { guard: named('isUnderWay'), target: 'running', actions: [settle], description: 'a step runs' },
        paused('stopped', []),
      ],
    },
    cancelling: {
      description: 'Cancel was asked for; what runs is awaited.',
      always: [ended, undoing],
    },
    undoing: {
      description: 'What was done is taken back.',
      on: { cancel: [{ guard: named('notCancelled'), actions: [named('wishCancel')], description: 'already on the way back' }] },
      always: [ended, { guard: named('isBlocked'), target: 'blocked', actions: [settle], description: 'an undo failed' }],
    },
    blocked: {
      description: 'The undo needs a person.',
      always: [ended, undoing],
    },
    settled: { type: 'final', description: 'Nothing can be asked any more.' },
  },
};
