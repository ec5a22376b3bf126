import { about, type ChartState } from './config.ts';
import { undoId } from './names.ts';
import type { Step } from './step.ts';

/** Steps that ran side by side complete in any order: which undo is next shows only on the way back. */
export function choosingState(undoable: readonly Step[], at: (state: string) => string): ChartState {
  return {
    description: 'Which step is undone next: the one that completed last. Passed through at once.',
    always: [
      ...undoable.map(({ name }) => ({ guard: about('undoIsNext', name), target: at(undoId(name)), description: `"${name}" was the last` })),
      { target: at('undone'), description: 'nothing is left' },
    ],
  };
}
