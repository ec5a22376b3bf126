import type { Refusal, RefusalWords } from '../../kernel/definition.ts';
import type { RunContext } from './context.ts';

const contextIn = (context: unknown): RunContext => context as RunContext;
const stateIn = (value: unknown): string => (typeof value === 'string' ? value : Object.keys(value ?? {})[0] ?? '');

const over = (context: unknown): Refusal => ({ code: 'build_ended', reason: ended(contextIn(context)) });
const ended = ({ ended: end }: RunContext): string => {
  if (end === null) return 'the build is over';
  return end.status === 'succeeded' ? 'the build is already completed: it succeeded' : `the build is already over: it ${end.status === 'failed' ? 'failed' : 'was cancelled'}${end.reason === undefined ? '' : `, ${end.reason}`}`;
};
const cancelling: Refusal = { code: 'being_cancelled', reason: 'the build is being cancelled; it ends by itself' };

/** What people read when a run does not take their command. */
export const runRefusals: Readonly<Record<'cancel' | 'signal' | 'promise' | 'stop' | 'start', RefusalWords>> = {
  cancel: ({ context }) => over(context),
  signal: ({ context }) => over(context),
  promise: ({ context }) => {
    const { promised, ended: end } = contextIn(context);
    if (promised === null || end !== null) return over(context);
    return { code: 'other_status_promised', reason: `exit status ${promised.exitStatus} was promised before, and stands` };
  },
  stop: ({ context, value }) => {
    const { pausable, request } = contextIn(context);
    switch (stateIn(value)) {
      case 'ending':
      case 'ended': return over(context);
      case 'cancelling': return cancelling;
      case 'stopped': return { code: 'already_stopped', reason: 'the build is stopped already; `start` lets it go on, `cancel` ends it' };
      case 'stopping':
      case 'starting': return { code: 'already_stopping', reason: 'the build is being stopped already; `start` lets it go on once it is, `cancel` ends it' };
      default: return pausable ? undefined : { code: 'cannot_pause', reason: `the runner "${request.runner}" cannot stop a build and start it again; \`cancel\` ends it` };
    }
  },
  start: ({ context, value }) => {
    switch (stateIn(value)) {
      case 'triggering':
      case 'polling': return { code: 'not_stopped', reason: 'the build is not stopped; `stop` freezes it, `cancel` ends it' };
      case 'starting':
      case 'stopping': return { code: 'already_starting', reason: 'the build is being started already; `stop` freezes it again, `cancel` ends it' };
      case 'ending':
      case 'ended': return over(context);
      case 'cancelling': return cancelling;
      default: return undefined;
    }
  },
};
