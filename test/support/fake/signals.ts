import type { ActorName } from '../../../src/kernel/record.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { Signals } from '../../../src/runtime/ports/signals.ts';

export interface Signal { readonly kind: 'status' | 'emit'; readonly actor: ActorName; readonly body: JsonObject }

/** Signals that are kept, so that a test can see what was said. */
export function fakeSignals(): Signals & { readonly said: readonly Signal[] } {
  const said: Signal[] = [];
  return {
    said,
    status: (actor, body) => { said.push({ kind: 'status', actor, body }); },
    emit: (actor, body) => { said.push({ kind: 'emit', actor, body }); },
  };
}
