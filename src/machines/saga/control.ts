import { named, type ChartState, type Transition } from './config.ts';

const ended: Transition = { guard: named('hasEnded'), target: 'settled', description: 'the saga has ended' };
const undoing: Transition = { guard: named('isUndoing'), target: 'undoing', description: 'the saga turned back' };
const cancel: Transition = { target: 'cancelling', actions: [named('wishCancel')], description: 'turn back' };
const cancelAgain: Transition = { actions: [named('wishCancel')], description: 'already on the way back' };

/** What people want, and how far it has come. The work region reads the wish from the context. */
export const controlRegion: ChartState = {
  description: 'What the people who control the saga want of it.',
  initial: 'running',
  states: {
    running: {
      description: 'It is meant to run.',
      on: { stop: [{ target: 'stopping', actions: [named('wishStop')], description: 'pause' }], cancel: [cancel] },
      always: [ended, undoing],
    },
    stopping: {
      description: 'Stop was asked for; what runs is awaited.',
      on: { cancel: [cancel] },
      always: [ended, undoing, { guard: named('isPaused'), target: 'stopped', description: 'nothing runs any more' }],
    },
    stopped: {
      description: 'It is paused.',
      on: { start: [{ target: 'running', actions: [named('wishRun')], description: 'go on' }], cancel: [cancel] },
      always: [ended, undoing],
    },
    cancelling: {
      description: 'Cancel was asked for; what runs is awaited.',
      on: { cancel: [cancelAgain] },
      always: [ended, undoing],
    },
    undoing: {
      description: 'What was done is taken back.',
      on: { cancel: [cancelAgain] },
      always: [ended, { guard: named('isBlocked'), target: 'blocked', description: 'an undo failed' }],
    },
    blocked: {
      description: 'The undo needs a person.',
      always: [ended, undoing],
    },
    settled: { type: 'final', description: 'Nothing can be asked any more.' },
  },
};
