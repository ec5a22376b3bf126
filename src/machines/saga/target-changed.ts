import { TerminalError } from '../../kernel/errors.ts';

export const targetChangedCode = 'target_changed';

/**
 * For a step's `check` to throw: what the step is to change is not what it was planned against. A start that
 * meets it is refused, and the saga stays stopped; met at any other time it fails the step. `what`: what differs.
 */
export const targetChanged = (what: string): TerminalError =>
  new TerminalError(targetChangedCode, `it is not as it was planned any more: ${what}`, { hint: 'put it back as it was and `start` again, or `cancel`' });
