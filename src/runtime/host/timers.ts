import type { EffectId } from '../../kernel/record.ts';
import type { Cell, HostContext } from './context.ts';
import { internal } from './internal.ts';
import { effectKey } from './key.ts';

interface Timer {
  readonly id: EffectId;
  readonly timer: string;
  readonly due: number;
}

/** One schedule per incarnation: a late cancel of an old one never hits its successor. */
const scheduleName = (timer: Timer): string => `${timer.timer}-${timer.id.replace(':', '-')}`;

/** The scheduled message survives; the local timer makes a resident actor punctual. Whichever comes second is refused as stale. */
export async function setTimer(host: HostContext, cell: Cell, timer: Timer): Promise<void> {
  armLocally(host, cell, timer);
  await host.queue.schedule({
    to: cell.actor,
    command: internal.timerDue,
    body: { timer: timer.timer, effect: timer.id },
    id: effectKey(cell.actor, timer.id),
    name: scheduleName(timer),
    due: timer.due,
  });
}

function armLocally(host: HostContext, cell: Cell, timer: Timer): void {
  cell.timers.get(timer.id)?.();
  const disarm = host.clock.after(Math.max(0, timer.due - host.clock.now()), () => {
    cell.timers.delete(timer.id);
    host.enqueue(cell, {
      kind: 'fact', cause: timer.id, effect: timer.id,
      fact: { type: 'timer.fired', data: { timer: timer.timer, effect: timer.id } },
    });
  });
  cell.timers.set(timer.id, disarm);
}

/** The chart no longer waits. Taking the scheduled message back is housekeeping: left there, it fires and is refused. */
export function cancelTimer(host: HostContext, cell: Cell, timer: { id: EffectId; timer: string }): void {
  cell.timers.get(timer.id)?.();
  cell.timers.delete(timer.id);
  const name = scheduleName({ ...timer, due: 0 });
  host.queue.cancelSchedule(cell.actor, name).catch((error: unknown) => {
    host.logger.debug({ actor: cell.actor, timer: name, error: String(error) }, 'a schedule was left to fire');
  });
}

/** After a load: the scheduled messages are there already, only punctuality is missing. */
export function armPending(host: HostContext, cell: Cell): void {
  for (const [id, { timer, due }] of Object.entries(cell.state?.timers ?? {})) armLocally(host, cell, { id: id as EffectId, timer, due });
}

/** As {@link armPending}, and schedules each anew: the same names replace what is there. */
export async function setPending(host: HostContext, cell: Cell): Promise<void> {
  for (const [id, { timer, due }] of Object.entries(cell.state?.timers ?? {})) await setTimer(host, cell, { id: id as EffectId, timer, due });
}

export function disarmAll(cell: Cell): void {
  for (const disarm of cell.timers.values()) disarm();
  cell.timers.clear();
}
