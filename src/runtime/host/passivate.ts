import type { Cell, HostContext } from './context.ts';
import { repeat } from './repeat.ts';
import { disarmAll } from './timers.ts';
import { keepSnapshot } from './snapshot.ts';

const defaultCacheSize = 10_000;
const defaultIdleMs = 30_000;

/** Nothing of it goes on here, and nothing is left to say or to acknowledge. */
export const isAtRest = (cell: Cell): boolean =>
  !cell.busy && cell.settling === 0 && cell.mailbox.length === 0 && cell.running.size === 0 && cell.held.length === 0 && !cell.stale;

/** Out of memory: its log, and the scheduled messages it waits for, bring it back. */
export function passivate(host: HostContext, cell: Cell): void {
  keepSnapshot(host, cell, { leaving: true });
  disarmAll(cell);
  host.cells.delete(cell.actor);
}

/** An actor at rest costs memory only while there is room for it: those that came to rest first go first. */
export function makeRoom(host: HostContext): void {
  const limit = host.cacheSize ?? defaultCacheSize;
  for (const candidate of host.cells.values()) {
    if (host.cells.size <= limit) return;
    if (isAtRest(candidate)) passivate(host, candidate);
  }
}

/** Time and again, let go of who has been at rest for a while, unless one of its timers is due soon: that one is to be punctual. */
export function keepPassivating(host: HostContext): () => void {
  const idleMs = host.idleMs ?? defaultIdleMs;
  const isIdle = (cell: Cell, now: number): boolean => isAtRest(cell) && now - cell.restingSince >= idleMs
    && Object.values(cell.state?.timers ?? {}).every(({ due }) => due - now > idleMs);
  return repeat(host.clock, idleMs / 2, () => {
    const now = host.clock.now();
    for (const cell of host.cells.values()) if (isIdle(cell, now)) passivate(host, cell);
  });
}
