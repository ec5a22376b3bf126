import { seal } from '../../kernel/chain.ts';
import { evolve } from '../../kernel/evolve.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { LogRecord } from '../../kernel/record.ts';
import { redact } from '../../kernel/redact.ts';
import { redactData } from '../../kernel/redact-json.ts';
import type { Cell, HostContext } from './context.ts';
import { noteFact } from './held.ts';
import { perform } from './perform.ts';

/** What becomes a record, before it has a place in the log. */
export interface Draft {
  readonly type: string;
  readonly data: JsonObject;
  readonly cause: string;
  readonly by?: string;
  readonly key?: string;
  readonly traceparent?: string;
}

/**
 * Ask the chart, append, adopt the new state, then do what the record asks for. The next record waits
 * until the effects are durable, so after a crash only the last record's effects can be missing.
 * @throws what `evolve` and `append` throw; then nothing has changed here.
 */
export async function commit(host: HostContext, cell: Cell, draft: Draft): Promise<LogRecord> {
  const record = drafted(host, cell, draft);
  const next = evolve(cell.definition, cell.state, record);
  const position = await host.log.append(record, cell.position);
  if (host.phase === 'dead') throw new Error('the host is gone');
  cell.state = next.state;
  cell.position = position;
  cell.stale = true;
  noteFact(cell, record);
  await perform(host, cell, next.effects);
  return record;
}

function drafted(host: HostContext, cell: Cell, draft: Draft): LogRecord {
  const { state, definition, actor } = cell;
  return seal(state?.chain, {
    actor,
    seq: (state?.seq ?? 0) + 1,
    // A log never goes back in time, whatever the machines' clocks say.
    at: Math.max(Math.round(host.clock.now()), state?.at ?? 0),
    machine: definition.stamp,
    ...draft,
    ...(draft.by === undefined ? {} : { by: redact(draft.by) }),
    // A log cannot forget.
    data: redactData(draft.data),
  });
}
