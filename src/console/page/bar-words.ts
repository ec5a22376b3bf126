import { timerWords } from '../../projections/chart/timer-words.ts';
import type { Waterfall } from '../protocol.ts';
import { duration, time } from './dom.ts';

export type Bar = Waterfall['lanes'][number]['bars'][number];

const kinds: Readonly<Record<Bar['kind'], string>> = { run: 'attempt', child: 'attempt', check: 'check', undo: 'undo', 'back-off': 'pause before the next attempt', limit: 'time limit', timer: 'wait', stopped: 'stopped', blocked: 'blocked' };
const ends: Readonly<Record<Bar['end'], string>> = { running: 'goes on', done: 'done', failed: 'failed', aborted: 'ended on request', fired: 'over', cancelled: 'no longer needed', replaced: 'set anew', stopped: 'stood still' };

/** Time in which nothing went on. */
export const isStill = ({ kind }: Bar): boolean => kind === 'stopped' || kind === 'blocked';

/** A bar in words: what it is, how it ended, how long it took, and of a failure why. `last`: until when what goes on has gone on. */
export function barWords(bar: Bar, last: number, type: string): string {
  const { name, kind, end, attempt, error, many = 1 } = bar;
  const stands = isStill(bar);
  const what = `${many > 1 ? `${many} times ` : ''}${bar.due === undefined ? name : timerWords(name, type)}, ${kinds[kind]}${attempt > 1 && many === 1 && !stands ? ` ${attempt}` : ''}`;
  const took = duration((bar.to ?? last) - bar.from);
  const how = stands && end === 'running' ? ` since ${took}` : stands && end === 'fired' ? ` for ${took}` : `: ${ends[end]}${end === 'running' ? ' since' : ' after'} ${took}`;
  return `${what}${how}, from ${time(bar.from)}${error === undefined ? '' : `: ${error.message} [${error.code}]`}`;
}
