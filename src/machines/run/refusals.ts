import type { Refusal, RefusalWords } from '../../kernel/definition.ts';
import type { RunContext } from './context.ts';

const contextIn = (context: unknown): RunContext => context as RunContext;
const stateIn = (value: unknown): string => (typeof value === 'string' ? value : Object.keys(value ?? {})[0] ?? '');

const ending: Refusal = { code: 'build_ended', reason: 'the build is over' };
const cancelling: Refusal = { code: 'being_cancelled', reason: 'the build is being cancelled' };
const tooEarly: Refusal = { code: 'not_triggered', reason: 'the runner has not said yet that it has the build: stop it in a moment, or `cancel` it now' };

/** What people read when a run does not take their command. */
export const runRefusals: Readonly<Record<'cancel' | 'signal' | 'promise' | 'stop' | 'start', RefusalWords>> = {
  cancel: () => ending,
  signal: () => ending,
  promise: ({ context }) => {
    const { promised, ended } = contextIn(context);
    if (promised === null || ended !== null) return ending;
    return { code: 'other_status_promised', reason: `exit status ${promised.exitStatus} was promised before, and stands` };
  },
  stop: ({ context, value }) => {
    const { pausable, request } = contextIn(context);
    switch (stateIn(value)) {
      case 'triggering': return tooEarly;
      case 'ending': return ending;
      case 'cancelling': return cancelling;
      case 'stopped': return { code: 'already_stopped', reason: 'the build is stopped already' };
      case 'stopping':
      case 'starting': return { code: 'already_stopping', reason: 'the build is being stopped already' };
      default: return pausable ? undefined : { code: 'cannot_pause', reason: `the runner "${request.runner}" cannot stop a build and start it again; \`cancel\` ends it` };
    }
  },
  start: ({ value }) => {
    switch (stateIn(value)) {
      case 'triggering':
      case 'polling': return { code: 'not_stopped', reason: 'the build is not stopped' };
      case 'starting':
      case 'stopping': return { code: 'already_starting', reason: 'the build is being started already' };
      case 'ending': return ending;
      case 'cancelling': return cancelling;
      default: return undefined;
    }
  },
};
