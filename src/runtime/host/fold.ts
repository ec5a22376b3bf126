import type { Effect } from '../../kernel/effect.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { evolve } from '../../kernel/evolve.ts';
import type { LogRecord } from '../../kernel/record.ts';
import type { ActorState } from '../../kernel/state.ts';
import { isSameStamp, stampText } from '../../kernel/stamp.ts';
import { block } from './block.ts';
import type { Cell, HostContext } from './context.ts';
import { latestSnapshot, type Start } from './snapshot.ts';

/** Fold what the log has beyond the snapshot; gives the last record's effects, none where the snapshot is of that one. A log that cannot be read or folded blocks the actor. */
export async function foldLog(host: HostContext, cell: Cell): Promise<readonly Effect[]> {
  const snapshot = await latestSnapshot(host, cell);
  const effects = snapshot === undefined ? undefined : await foldOn(host, cell, snapshot);
  if (effects !== undefined) return effects;
  cell.snapshotSeq = 0;
  let records: readonly LogRecord[] = [];
  try {
    ({ records, position: cell.position } = await host.log.read(cell.actor));
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    block(host, cell, error);
    return [];
  }
  try {
    return adopt(cell, undefined, records);
  } catch (error) {
    block(host, cell, error, records);
    return [];
  }
}

/** undefined: the log does not go on from this snapshot, or cannot be folded from there; the whole of it will tell. */
async function foldOn(host: HostContext, cell: Cell, { state, position }: Start): Promise<readonly Effect[] | undefined> {
  try {
    const { records: [its, ...later], position: end } = await host.log.read(cell.actor, state.seq, position);
    // Another record in the place of the one it was taken after means another history, a restored backup say.
    if (its?.chain !== state.chain) return undefined;
    const effects = adopt(cell, state, later);
    cell.position = end;
    cell.snapshotSeq = state.seq;
    return effects;
  } catch (error) {
    if (error instanceof TerminalError) return undefined;
    throw error;
  }
}

function adopt(cell: Cell, from: ActorState | undefined, records: readonly LogRecord[]): readonly Effect[] {
  let state = from;
  let effects: readonly Effect[] = [];
  for (const record of records) {
    try {
      ({ state, effects } = evolve(cell.definition, state, record));
    } catch (error) {
      throw unfoldable(cell, records, record, error);
    }
  }
  cell.state = state;
  cell.loadedSeq = state?.seq ?? 0;
  return effects;
}

/** Another definition's record that does not fit this one, though it may resume from there: said with both versions. */
function unfoldable({ definition, actor }: Cell, records: readonly LogRecord[], record: LogRecord, error: unknown): unknown {
  if (!(error instanceof TerminalError) || error.code === 'definition_differs' || isSameStamp(definition.stamp, record.machine)) return error;
  const gone = completedBy(records).filter((name) => definition.activities[name] === undefined && definition.children[name] === undefined);
  const why = gone.length > 0 ? `it no longer knows what was completed: ${gone.join(', ')}` : error.message;
  return new TerminalError('definition_differs', `${actor} was begun by ${stampText(record.machine)}, and ${stampText(definition.stamp)} cannot go on from its record ${record.seq}: ${why}`, {
    cause: error, hint: `run a worker that carries ${stampText(record.machine)}, or one whose definition still knows what was done`,
  });
}

/** What a record says was completed, by its name in the chart. */
const completedIn = ({ type, data }: LogRecord): unknown => (type === 'activity.completed' ? data.activity : type === 'child.completed' ? data.child : undefined);

const completedBy = (records: readonly LogRecord[]): string[] => [...new Set(records.map(completedIn).filter((name) => typeof name === 'string'))];
