import type { LogRecord } from '../../src/kernel/record.ts';
import { fakeBoard } from '../support/fake/board.ts';
import { virtualClock, type VirtualClock } from '../support/fake/clock.ts';
import { fakeDeadLetters } from '../support/fake/dead.ts';
import { fakeLog, type FakeLog } from '../support/fake/log.ts';
import { fakeQueue, type FakeQueue } from '../support/fake/queue.ts';
import { fakeSignals } from '../support/fake/signals.ts';
import { fakeSnapshots } from '../support/fake/snapshots.ts';
import type { Dice } from './dice.ts';
import type { Settings } from './plan.ts';

/** JetStream as all hosts see it: what is stored here is stored. */
export interface Broker {
  readonly clock: VirtualClock;
  readonly log: FakeLog;
  readonly queue: FakeQueue;
  readonly dead: ReturnType<typeof fakeDeadLetters>;
  readonly board: ReturnType<typeof fakeBoard>;
  readonly signals: ReturnType<typeof fakeSignals>;
  readonly snapshots: ReturnType<typeof fakeSnapshots>;
  /** Every record of every actor, in the order they were stored. */
  all(): readonly LogRecord[];
  isDown(): boolean;
  /** How often it was restarted: what was under way over a restart is not answered. */
  restarts(): number;
  /** Away for `ms`, then back with new consumers. */
  restart(ms: number): void;
}

export function makeBroker(settings: Settings, dice: Dice): Broker {
  const clock = virtualClock(undefined, { turns: 1 });
  const stored: LogRecord[] = [];
  const log = fakeLog({ faults: () => undefined });
  const queue = fakeQueue(clock, {
    ackWaitMs: settings.ackWaitMs, dedupeMs: settings.dedupeMs, tellsPassedOn: true,
    lateMs: () => dice.between('lateness', 0, settings.lateMs),
  });
  let restarts = 0;
  let isDown = false;
  return {
    clock, queue, dead: fakeDeadLetters(queue), board: fakeBoard(), signals: fakeSignals(), snapshots: fakeSnapshots(),
    log: {
      ...log,
      async append(record, after) {
        const position = await log.append(record, after);
        stored.push(record);
        return position;
      },
    },
    all: () => stored,
    isDown: () => isDown,
    restarts: () => restarts,
    restart(ms) {
      if (isDown) return;
      isDown = true;
      restarts++;
      queue.upsets.revoke();
      queue.setDown(true);
      clock.after(ms, () => {
        isDown = false;
        queue.upsets.reset(() => dice.between('redelivery', 0, 2_000));
        queue.setDown(false);
      });
    },
  };
}
