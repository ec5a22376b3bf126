import type { Millrace } from '../connect.ts';
import type { Definition } from '../kernel/definition.ts';
import type { Json } from '../kernel/json.ts';
import type { ActorName, LogRecord } from '../kernel/record.ts';
import { evolve } from '../kernel/evolve.ts';
import type { ActorState, Status } from '../kernel/state.ts';
import { outputOf, statusOf } from '../kernel/status.ts';
import type { OutputLine } from '../runtime/ports/output.ts';

export interface Ending {
  readonly actor: ActorName;
  readonly status: Status;
  readonly output: Json;
}

export interface Listener {
  record(record: LogRecord, status: Status): void;
  printed(line: OutputLine): void;
}

const endings: readonly Status[] = ['completed', 'failed', 'cancelled', 'blocked'];

/** Follow an actor from its first record until it has ended or is blocked; undefined when interrupted before. */
export async function followActor(millrace: Millrace, definition: Definition, actor: ActorName, listener: Listener, interrupted: AbortSignal): Promise<Ending | undefined> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, interrupted]);
  const printing = follow(millrace.output.read(actor, { follow: true, signal }), (line) => listener.printed(line));
  try {
    let state: ActorState | undefined;
    for await (const record of millrace.log.follow({ actor, fromStart: true, signal })) {
      ({ state } = evolve(definition, state, record));
      const status = statusOf(definition, state);
      listener.record(record, status);
      if (endings.includes(status)) return { actor, status, output: outputOf(state) };
    }
    return undefined;
  } finally {
    done.abort();
    await printing;
  }
}

async function follow<T>(items: AsyncIterable<T>, each: (item: T) => void): Promise<void> {
  for await (const item of items) each(item);
}
