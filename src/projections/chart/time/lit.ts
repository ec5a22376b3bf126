import type { Lit } from '../svg.ts';
import type { Timeline } from './timeline.ts';

/** What to light on a chart for an actor after record `seq`: where it is, its last step, and the way it took. @throws TerminalError `no_such_record`. */
export function litAt(timeline: Timeline, actor: string, seq: number): Lit {
  const { active, transitions } = timeline.at(seq);
  const way = timeline.between(1, seq);
  const passed = new Set(way.flatMap((moment) => [...moment.entered, ...moment.transitions.map(({ id }) => id)]));
  return { active, taken: transitions.map(({ id }) => id), passed: [...passed], caption: `${actor} after record ${seq} of ${timeline.length}` };
}
