import { createActor, SimulatedClock } from 'xstate';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import { did, tellTo } from './effects.ts';
import type { Foreign } from './machines.ts';

/** What a machine came to, and everything it did, each as often as it did it. */
export interface Outcome {
  readonly end: string;
  readonly effects: readonly string[];
}

/** The machine in XState's own interpreter, undisturbed. @throws when it does not end. */
export async function interpreted({ machine, script }: Foreign): Promise<Outcome> {
  const effects: string[] = [];
  tellTo(effects);
  const clock = new SimulatedClock();
  const actor = createActor(machine, { clock });
  actor.on('*', (event) => { did('emit', event); });
  actor.start();
  const words = [...script];
  for (let turn = 0; actor.getSnapshot().status === 'active'; turn++) {
    if (turn > 1_000) throw new Error(`${machine.id} does not end: ${JSON.stringify(actor.getSnapshot().value)}`);
    await new Promise<void>((resolve) => { setImmediate(resolve); });
    const [word] = words;
    const { value, context } = actor.getSnapshot();
    if (word?.[1]({ value, context }) === true) {
      words.shift();
      actor.send({ type: word[0] });
    } else clock.increment(100);
  }
  const { value, context, output, status } = actor.getSnapshot();
  return { end: canonicalJson({ value, context, output: (output as unknown) ?? null, status }), effects: effects.sort() };
}
