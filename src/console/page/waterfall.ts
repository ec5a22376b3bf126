import { spoken, timerWords } from '../../projections/chart/timer-words.ts';
import type { Waterfall } from '../protocol.ts';
import { placesOf } from './bars.ts';
import { duration, h, time } from './dom.ts';

type Bar = Waterfall['lanes'][number]['bars'][number];

const kinds: Readonly<Record<Bar['kind'], string>> = { run: 'attempt', child: 'attempt', check: 'check', undo: 'undo', 'back-off': 'pause before the next attempt', limit: 'time limit', timer: 'wait' };
const ends: Readonly<Record<Bar['end'], string>> = { running: 'goes on', done: 'done', failed: 'failed', aborted: 'ended on request', fired: 'over', cancelled: 'no longer needed', replaced: 'set anew' };
/** What a colour means; only what is there is explained. */
const legend: readonly (readonly [look: string, text: string, is: (bar: Bar) => boolean])[] = [
  ['run done', 'done', ({ kind, end }) => ['run', 'child', 'check'].includes(kind) && end === 'done'],
  ['run running', 'goes on', ({ end, due }) => end === 'running' && due === undefined],
  ['run failed', 'failed', ({ end }) => end === 'failed'],
  ['run aborted', 'ended on request', ({ kind, end, due }) => kind !== 'undo' && end === 'aborted' && due === undefined],
  ['undo done', 'undone', ({ kind, end }) => kind === 'undo' && end !== 'failed'],
  ['back-off fired', 'pause or wait', ({ due }) => due !== undefined],
];

/** What ran and waited when, a lane a step, over all of the actor's time; each bar leads to the record that ended or began it. */
export interface WaterfallPane {
  readonly element: HTMLElement;
  /** All there is. `now`: what goes on has gone on until then. */
  take(fall: Waterfall, now?: number): void;
  /** Something goes on, so that it grows while nothing comes. */
  readonly goesOn: boolean;
  /** The moment that is looked at, `at` when, undefined for the present: what came later is pale, and a step is as it was then. */
  mark(seq: number, at: number | undefined, steps: Readonly<Record<string, { readonly status?: string }>>): void;
}

export function waterfallPane(type: string, go: (seq: number) => void): WaterfallPane {
  const holder = h('div', { class: 'waterfall' });
  const cursor = h('i', { class: 'cursor' });
  const element = h('details', { class: 'timeline', open: true, hidden: true }, h('summary', {}, 'Timeline'), holder);
  let drawn: Waterfall = { from: 0, to: 0, lanes: [] };
  let last = 0;
  let marked: Parameters<WaterfallPane['mark']> = [0, undefined, {}];

  function draw(): void {
    const { from, lanes } = drawn;
    const span = Math.max(1, last - from);
    const all = lanes.flatMap(({ bars }) => bars);
    const focused = [...holder.querySelectorAll('button.bar')].indexOf(document.activeElement as Element);
    element.hidden = lanes.length === 0;
    holder.replaceChildren(
      h('div', { class: 'lane axis' }, h('span', { class: 'legend' }, ...legend.filter(([, , is]) => all.some(is)).flatMap(([look, text]) => [h('i', { class: `bar ${look}` }), `${text} `])), h('span', {}, h('small', {}, time(from)), h('small', {}, `+${duration(last - from)}`))),
      h('div', { class: 'lanes', role: 'list', 'aria-label': 'Steps in time' }, ...lanes.map(({ name, bars }) => {
        const places = placesOf(bars.map((bar) => ({ from: (bar.from - from) / span, to: ((bar.to ?? last) - from) / span })));
        return h('div', { class: 'lane', role: 'listitem', 'data-lane': name }, h('span', { class: 'lane-name', title: name }, laneWords(name), h('small', {})), h('span', { class: 'bars' }, ...bars.map((bar, i) => barOf(bar, places[i], last, type, go))));
      })), h('div', { class: 'lane over', 'aria-hidden': 'true' }, h('span', {}), h('span', {}, cursor)));
    if (focused >= 0) holder.querySelectorAll<HTMLElement>('button.bar')[focused]?.focus({ preventScroll: true });
    mark(...marked);
  }
  function mark(...moment: Parameters<WaterfallPane['mark']>): void {
    marked = moment;
    const [seq, at, steps] = moment;
    const place = ((at ?? last) - drawn.from) / Math.max(1, last - drawn.from);
    cursor.style.left = `min(${Math.min(1, place) * 100}%, 100% - 2px)`;
    cursor.hidden = at === undefined;
    const lanes = holder.querySelectorAll<HTMLElement>('.lane[data-lane]');
    for (const lane of lanes) {
      const status = steps[lane.dataset.lane ?? '']?.status;
      lane.className = `lane ${status ?? ''}`;
      const said = lane.querySelector('small');
      if (said !== null) said.textContent = status === undefined ? '' : ` ${status.replace('-', ' ')}`;
    }
    for (const bar of holder.querySelectorAll<HTMLElement>('button.bar')) bar.classList.toggle('later', Number(bar.dataset.from) > seq);
  }
  return {
    element, mark,
    get goesOn() { return drawn.lanes.some(({ bars }) => bars.some(({ end }) => end === 'running')); },
    take(fall, now) {
      drawn = fall;
      last = Math.max(fall.to, now ?? fall.to);
      draw();
    },
  };
}

/** `after nextCheck` of a chart's delay is "next check". */
const laneWords = (name: string): string => (name.startsWith('after ') ? spoken(name.slice('after '.length)) : name);

function barOf(bar: Bar, place: { readonly left: number; readonly width: number } | undefined, last: number, type: string, go: (seq: number) => void): HTMLElement {
  const { name, kind, end, attempt, error, many = 1 } = bar;
  const what = `${many > 1 ? `${many} times ` : ''}${bar.due === undefined ? name : timerWords(name, type)}, ${kinds[kind]}${attempt > 1 && many === 1 ? ` ${attempt}` : ''}: ${ends[end]}${end === 'running' ? ' since' : ' after'} ${duration((bar.to ?? last) - bar.from)}, from ${time(bar.from)}${error === undefined ? '' : `: ${error.message} [${error.code}]`}`;
  const one = h('button', { class: `bar ${kind} ${end}`, title: what, 'aria-label': what, 'data-from': bar.fromSeq, onclick: () => { go(bar.toSeq ?? bar.fromSeq); } });
  one.style.left = `${(place?.left ?? 0) * 100}%`;
  one.style.width = `${(place?.width ?? 0) * 100}%`;
  return one;
}
