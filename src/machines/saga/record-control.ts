import { asked } from './record-undo.ts';
import type { Fold } from './record-forward.ts';
import type { SagaContext } from './types.ts';

/** How the chart notes what people want of it. */
export function controlFolds() {
  const wishRun: Fold = ({ event }) => ({ control: { wish: 'run', ...asked(event) }, phase: 'forward' });
  const wishStop: Fold = ({ event }) => ({ control: { wish: 'stop', ...asked(event) } });
  /** The first one who cancelled stays named. */
  const wishCancel: Fold = ({ context, event }) =>
    context.control.wish === 'cancel' ? {} : { control: { wish: 'cancel', ...asked(event) } };
  const end = (phase: SagaContext['phase']): Fold => () => ({ phase, blocked: null });
  return { wishRun, wishStop, wishCancel, endCompleted: end('completed'), endFailed: end('failed'), endCancelled: end('cancelled') };
}
