import type { Definition } from './definition.ts';
import { TerminalError } from './errors.ts';
import { initial } from './xstate.ts';

/** What input would not change. Everything else may be the missing input's fault. */
const conclusive = new Set(['context_not_json', 'spawn_in_assign', 'endless_transition']);

/**
 * Take the first step now where the context needs no input, so that what is wrong shows when the machine is
 * registered and not when the first actor is made.
 */
export function tryInitial(definition: Definition): void {
  const context: unknown = definition.machine.config.context;
  if (typeof context === 'function' && context.length > 0) return;
  try {
    initial(definition, null, { actor: `${definition.stamp.name}/registration`, parent: undefined });
  } catch (error) {
    if (error instanceof TerminalError && conclusive.has(error.code)) throw error;
  }
}
