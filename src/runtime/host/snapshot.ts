import { MillraceError } from '../../kernel/errors.ts';
import { freeze, thaw } from '../../kernel/freeze.ts';
import type { ActorState } from '../../kernel/state.ts';
import { hasEnded } from '../../kernel/status.ts';
import type { Position } from '../ports/log.ts';
import type { Cell, HostContext } from './context.ts';

const defaultEvery = 200;

/** Where a fold begins. */
export interface Start {
  readonly state: ActorState;
  readonly position: Position;
}

/** The actor's snapshot, when there is one that this definition can go on from. */
export async function latestSnapshot(host: HostContext, cell: Cell): Promise<Start | undefined> {
  const snapshot = await host.snapshots?.get(cell.actor);
  if (snapshot === undefined) return undefined;
  try {
    const state = thaw(cell.definition, snapshot.state);
    return state.actor === cell.actor && state.seq === snapshot.seq ? { state, position: snapshot.position } : undefined;
  } catch (error) {
    // Another definition's, or none at all: the log says it all again.
    if (error instanceof MillraceError) return undefined;
    throw error;
  }
}

/** Between two inputs: take a snapshot if enough has happened since the last one; away with it once the actor has ended. Nobody waits for it. */
export function keepSnapshot(host: HostContext, cell: Cell, { leaving = false } = {}): void {
  const { snapshots } = host;
  const { state } = cell;
  if (snapshots === undefined || state === undefined || host.phase === 'dead') return;
  if (hasEnded(state)) {
    if (cell.snapshotSeq > 0) host.track(quietly(host, cell, snapshots.drop(cell.actor)));
    cell.snapshotSeq = 0;
    return;
  }
  const every = host.snapshotEvery ?? defaultEvery;
  if (state.seq - cell.snapshotSeq < (leaving ? every / 4 : every)) return;
  cell.snapshotSeq = state.seq;
  host.track(quietly(host, cell, snapshots.put(cell.actor, { seq: state.seq, position: cell.position, state: freeze(state) })));
}

const quietly = (host: HostContext, { actor }: Cell, work: Promise<void>): Promise<void> => work.catch((error: unknown) => {
  host.logger.debug({ actor, error: String(error) }, 'a snapshot was not stored');
});
