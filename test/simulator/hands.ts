import { RetryableError, TerminalError } from '../../src/kernel/errors.ts';
import type { Hands, Work } from './cast/hands.ts';
import { sagaSteps } from './cast/sagas.ts';
import type { Dice } from './dice.ts';
import type { Broker } from './broker.ts';
import type { End, Ledger } from './ledger.ts';
import type { Link } from './link.ts';
import type { Settings } from './plan.ts';
import type { Witness } from './witness.ts';

interface Parts {
  readonly broker: Broker;
  readonly dice: Dice;
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly link: Link;
  readonly witness: Witness;
}

/** What the activities of one host do: they take their time, some fail, some do not hear that they are aborted. */
export function handsOf({ broker, dice, settings, ledger, link, witness }: Parts): Hands {
  return {
    has: (stepKey) => ledger.stock.get(stepKey)?.present === true,
    act: (action, params) => { if (!link.isDead()) ledger.notice(`action ${action} ${JSON.stringify(params)}`); },
    async work(work) {
      const { key, src, input, signal } = work;
      witness.begins(key, src, input);
      await passes(broker, durationOf(dice, settings, key), dice.chance(`deaf ${key}`, 0.15) ? undefined : signal);
      if (link.isDead()) return await new Promise<never>(() => {});
      const known = ledger.ends.get(key);
      const end = known ?? await endOf(dice, settings, ledger, work);
      ledger.ends.set(key, end);
      if (!end.ok) throw end.error;
      return end.output;
    },
  };
}

function durationOf(dice: Dice, { workMs }: Settings, key: string): number {
  const part = dice.roll(`lasts ${key}`);
  return 1 + Math.round(part < 0.7 ? part * workMs / 10 : part * workMs);
}

function passes({ clock }: Broker, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const disarm = clock.after(ms, resolve);
    const stop = (): void => {
      disarm();
      reject(new Error('aborted'));
    };
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop);
  });
}

async function endOf(dice: Dice, { troubled }: Settings, ledger: Ledger, work: Work): Promise<End> {
  const { key, src } = work;
  const goesWrong = dice.chance(`wrong ${key}`, troubled);
  const error = dice.chance(`for good ${key}`, 0.35) ? new TerminalError('trouble', `${src} can never be done`) : new RetryableError('trouble', `${src} did not work this time`);
  if (goesWrong && dice.chance(`before ${key}`, 0.5)) return { ok: false, error };
  if (!applies(ledger, work)) return { ok: false, error: new TerminalError('void', `${src} was taken back`) };
  try {
    const output = await work.code();
    return goesWrong ? { ok: false, error } : { ok: true, output };
  } catch (thrown) {
    if (!(thrown instanceof RetryableError || thrown instanceof TerminalError)) throw thrown;
    return { ok: false, error: thrown };
  }
}

const sagas = new Set(Object.keys(sagaSteps));

/**
 * A saga's step adds what its undo removes. False: it comes after its own undo, from a host that has not heard of that.
 * Builds are not spared that: what a late step of theirs does, their own code has to take back.
 */
function applies(ledger: Ledger, { machine, actor, src }: Work): boolean {
  if (!sagas.has(machine) || src.startsWith('check-')) return true;
  const isUndo = src.startsWith('undo-');
  const standing = ledger.standing(`${actor}/${src.replace(/^undo-/, '')}`);
  if (isUndo) {
    if (standing.present) ledger.remove(standing);
    standing.present = false;
    standing.isVoid = true;
    return true;
  }
  if (standing.isVoid) return false;
  if (!standing.present) standing.adds++;
  standing.present = true;
  return true;
}
