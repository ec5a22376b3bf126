import type { Bar } from './waterfall.ts';

/**
 * How a step stands after record `upTo`, in a word: what its saga says, but of one that is pending or running and was
 * stopped, is stuck or was ended on request, that. Pure.
 */
export function laneStatus(said: string | null, bars: readonly Pick<Bar, 'kind' | 'end' | 'fromSeq' | 'toSeq'>[], upTo: number): string | null {
  const last = bars.findLast(({ fromSeq }) => fromSeq <= upTo);
  if (last === undefined || said === null) return said;
  const isOver = last.toSeq !== undefined && last.toSeq <= upTo;
  if ((last.kind === 'stopped' || last.kind === 'blocked') && !isOver && said !== 'undo-failed') return last.kind;
  return said === 'pending' && isOver && last.end === 'aborted' ? 'cancelled' : said;
}
