import { givenUpRun } from './inputs.ts';

/** How the run ended is decided. Of a build that was given up word is left first: whoever reads the end finds it. */
export const ending = {
  description: 'How it ended is known.',
  tags: ['stopping'],
  entry: 'forgetFailures',
  initial: 'deciding',
  states: {
    deciding: { always: [{ guard: 'isGivenUp', target: 'leavingWord' }, { target: '#run.ended' }] },
    leavingWord: {
      invoke: {
        id: 'give-up', src: 'giveUp', input: givenUpRun,
        onDone: '#run.ended',
        onError: [{ guard: 'mayRetry', target: 'backingOff', actions: 'countFailure' }, { target: '#run.ended' }],
      },
    },
    backingOff: { after: { retry: 'leavingWord' } },
  },
} as const;
