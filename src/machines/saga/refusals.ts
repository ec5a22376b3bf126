import type { Refusal, RefusalWords } from '../../kernel/definition.ts';
import { controlCommands } from './names.ts';
import type { SagaContext } from './types.ts';

/** What people read when a saga does not take their command: how it stands, and what would be taken. */
export const sagaRefusals: Readonly<Record<string, RefusalWords>> = Object.fromEntries(controlCommands.map((command) =>
  [command, ({ context, value }) => refusal(command, context as unknown as SagaContext, (value as { readonly control: string }).control)]));

function refusal(command: string, context: SagaContext, control: string): Refusal | undefined {
  switch (control) {
    case 'running': return { code: command === 'start' ? 'not_stopped' : 'not_blocked', reason: 'it is running; `stop` pauses it, `cancel` undoes what was done' };
    case 'starting': return { code: 'not_blocked', reason: 'it is being started; `stop` pauses it, `cancel` undoes what was done' };
    case 'stopping':
    case 'restarting': return { code: 'not_blocked', reason: 'it is being stopped; `start` goes on once it is, `cancel` undoes what was done' };
    case 'stopped': return { code: command === 'stop' ? 'already_stopped' : 'not_blocked', reason: 'it is stopped; `start` goes on, `cancel` undoes what was done' };
    case 'cancelling': return { code: 'being_undone', reason: 'it is being cancelled: what runs is awaited, and then what was done is undone' };
    case 'undoing': return { code: 'being_undone', reason: `it is being undone${context.error === null ? '' : `, for it failed: ${clause(context.error.message)}`}; should that get stuck, \`retry-undo\` and \`abandon\` are the ways out` };
    case 'blocked': return { code: 'undo_blocked', reason: `its undo is blocked${context.blocked === null ? '' : ` at ${context.blocked.step}: ${clause(context.blocked.error.message)}`}; \`retry-undo\` tries again, \`abandon\` leaves the rest as it is` };
    default: return { code: 'already_ended', reason: ended(context) };
  }
}

function ended({ phase, undone, error }: SagaContext): string {
  if (phase === 'completed') return 'it is already completed, and what is done stays done';
  const because = error === null ? '' : `: ${clause(error.message)}`;
  return `it is already ${phase}${because}; undone: ${undone.length === 0 ? 'nothing' : undone.join(', ')}`;
}

/** More of the sentence follows. */
const clause = (message: string): string => message.replace(/\.$/, '');
