import { RetryableError } from '../../src/kernel/errors.ts';
import type { Broker } from './broker.ts';
import type { Dice } from './dice.ts';
import type { CallKind, Faults } from './faults.ts';

/** One host's way to the broker: calls take time, and anything can happen to them. */
export interface Link {
  /** `conflict`: what an append hears that is told of another writer. */
  call<T>(kind: CallKind, what: string, apply: () => Promise<T>, conflict?: () => Error): Promise<T>;
  /** A message that nobody answers. */
  tell(kind: CallKind, what: string, apply: () => void): void;
  /** The host's process is gone: nothing it was about to do is done. */
  die(): void;
  isDead(): boolean;
  /** Nothing gets through, either way. */
  setCut(cut: boolean): void;
  isCut(): boolean;
  /** How many calls it has under way. */
  underWay(): number;
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});

export function makeLink(broker: Broker, faults: Faults, dice: Dice, onDeath: () => void): Link {
  const { clock } = broker;
  let isDead = false;
  let isCut = false;
  let underWay = 0;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => { clock.after(ms, resolve); });
  const gone = (what: string): RetryableError => new RetryableError('broker_gone', `nobody answered: ${what}`);
  const die = (): void => {
    if (isDead) return;
    isDead = true;
    onDeath();
  };
  // What comes back to a process that is no more.
  const alive = (): Promise<void> | undefined => (isDead ? never() : undefined);

  async function through<T>(kind: CallKind, what: string, apply: () => Promise<T>, conflict?: () => Error): Promise<T> {
    await alive();
    const fault = faults.draw(kind, what);
    if (fault === 'dies-before') die();
    await alive();
    await wait(dice.between(`latency ${what}`, 1, 20) + (fault === 'waits' ? dice.between('waits', 1_000, 9_000) : 0));
    await alive();
    if (isCut || broker.isDown() || fault === 'lost') throw gone(what);
    if (fault === 'late') {
      clock.after(dice.between('late', 500, 9_000), () => { if (!broker.isDown()) void apply().catch(() => undefined); });
      throw gone(what);
    }
    if (fault === 'conflict' && conflict !== undefined) throw conflict();
    const restarts = broker.restarts();
    const [outcome] = await Promise.allSettled([apply()]);
    if (fault === 'dies-after') die();
    await alive();
    await wait(fault === 'slow' ? dice.between('slow', 1_000, 9_000) : 1);
    await alive();
    if (fault === 'unanswered' || isCut || restarts !== broker.restarts()) throw gone(what);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  return {
    die,
    isDead: () => isDead,
    isCut: () => isCut,
    underWay: () => underWay,
    setCut(value) { isCut = value; },
    async call(kind, what, apply, conflict) {
      underWay++;
      try {
        return await through(kind, what, apply, conflict);
      } finally {
        underWay--;
      }
    },
    tell(kind, what, apply) {
      if (!isDead && !isCut && !broker.isDown() && faults.draw(kind, what) !== 'lost') apply();
    },
  };
}
