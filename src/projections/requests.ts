import type { Definition } from '../kernel/definition.ts';
import { evolve } from '../kernel/evolve.ts';
import type { LogRecord } from '../kernel/record.ts';
import { requestsIn, type ControlRequest } from '../kernel/request.ts';
import type { ActorState } from '../kernel/state.ts';

/** A request as its actor's log tells of it. */
export interface ToldRequest extends ControlRequest {
  /** The record that accepted it. */
  readonly seq: number;
  /** The record that settled it. */
  readonly settledSeq?: number;
}

/** Every request that an actor's whole log tells of, oldest first, and what became of each. Pure. @throws what `evolve` throws. */
export function requestsOf(definition: Definition, records: readonly LogRecord[]): readonly ToldRequest[] {
  const told = new Map<string, ToldRequest>();
  let seen: readonly ControlRequest[] = [];
  let state: ActorState | undefined;
  for (const record of records) {
    ({ state } = evolve(definition, state, record));
    const requests = requestsIn(definition, state);
    if (requests === seen) continue;
    seen = requests;
    for (const request of requests) {
      const before = told.get(request.id);
      if (before?.settledSeq !== undefined) continue;
      const { seq } = before ?? record;
      told.set(request.id, { ...request, seq, ...(request.state === 'pending' ? {} : { settledSeq: record.seq }) });
    }
  }
  return [...told.values()];
}
