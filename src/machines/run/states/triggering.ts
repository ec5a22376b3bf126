import type { RunContext } from '../context.ts';

const failed = [
  { guard: 'mayRetry', target: 'backingOff', actions: 'countFailure' },
  { target: '#run.ending', actions: ['countFailure', 'endUntriggered'] },
] as const;

/** A trigger that may have reached the runner is repeated under the same key until its build is known: none is left unwatched. */
export const triggering = {
  description: 'The build is started; what is wished meanwhile is done once it is known.',
  tags: ['running'],
  after: { deadline: { actions: 'wishDeadline' } },
  on: {
    stop: [{ guard: 'wantsNothing', actions: 'wishStop' }, { guard: 'isAskedByParent', actions: 'noteTells' }],
    start: { guard: 'wantsStop', actions: ['forgetNext', 'askStart', 'settleWithdrawn'] },
  },
  initial: 'calling',
  states: {
    calling: {
      invoke: {
        id: 'trigger', src: 'trigger', input: ({ context }: { readonly context: RunContext }) => context.request,
        onDone: [
          { guard: 'isUnwanted', target: '#run.polling', actions: 'noteBuild' },
          { guard: 'stopsNow', target: '#run.stopping', actions: 'noteBuild' },
          { guard: 'wantsStop', target: '#run.polling', actions: ['noteBuild', 'noteCannotPause', 'tellSettled'] },
          { target: '#run.polling', actions: 'noteBuild' },
        ],
        onError: failed,
      },
      after: { callLimit: failed },
    },
    backingOff: { after: { retry: 'calling' } },
  },
} as const;
