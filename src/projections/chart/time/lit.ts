import type { Lit } from '../svg.ts';
import type { Timeline } from './timeline.ts';

/** What to light on a chart for an actor after record `seq`: where it is, its last step, and the way it took. @throws TerminalError `no_such_record`. */
export function litAt(timeline: Timeline, actor: string, seq: number): Lit {
  const { active, transitions } = timeline.at(seq);
  return { active, taken: transitions.map(({ id }) => id), passed: [...timeline.passed(seq).keys()], caption: `${actor} after record ${seq} of ${timeline.length}` };
}
