import type { ActivityScope } from '../../kernel/definition.ts';
import { shortCadenceMs } from './cadence.ts';

/** One check: how often it asks while there is no news, and for how long. ms. */
export interface Watch {
  readonly everyMs: number;
  readonly forMs: number;
}

/**
 * Ask, and at a short cadence ask again while the answer is no news. Ends with the last answer: when it is news,
 * when the time of the watch is over, or when the chart interrupts it between two calls. The calls keep to the
 * cadence however long each of them takes; one that takes longer than that is followed at once.
 */
export async function watching<Sample>(
  { now, wait, signal }: Pick<ActivityScope, 'now' | 'wait' | 'signal'>, { everyMs, forMs }: Watch, ask: () => Promise<Sample>, isNews: (sample: Sample) => boolean,
): Promise<Sample> {
  const end = everyMs < shortCadenceMs ? now() + forMs : now();
  for (let due = now();;) {
    const sample = await ask();
    due = Math.max(due + everyMs, now());
    if (isNews(sample) || due > end || signal.aborted) return sample;
    const isInterrupted = await wait(due - now()).then(() => false, () => true);
    if (isInterrupted) return sample;
  }
}
