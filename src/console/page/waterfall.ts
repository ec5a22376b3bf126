import { laneStatus } from '../../projections/chart/time/lane-status.ts';
import { spoken } from '../../projections/chart/timer-words.ts';
import type { Waterfall } from '../protocol.ts';
import { barWords, isStill, type Bar } from './bar-words.ts';
import { placesOf, type Place } from './bars.ts';
import { arrange, duration, h, setText, time } from './dom.ts';

const isWait = (bar: Bar): boolean => bar.due !== undefined || isStill(bar);
/** What a colour means; only what is there is explained. */
const legend: readonly (readonly [look: string, text: string, is: (bar: Bar) => boolean])[] = [
  ['run stopped', 'ran until it stood still', ({ end }) => end === 'stopped'],
  ['run done', 'done', ({ kind, end }) => ['run', 'child', 'check'].includes(kind) && end === 'done'],
  ['run running', 'goes on', (bar) => bar.end === 'running' && !isWait(bar)],
  ['run failed', 'failed', ({ end }) => end === 'failed'],
  ['run aborted', 'ended on request', (bar) => bar.kind !== 'undo' && bar.end === 'aborted' && !isWait(bar)],
  ['undo done', 'undone', ({ kind, end }) => kind === 'undo' && end !== 'failed'],
  ['back-off fired', 'pause or wait', (bar) => isWait(bar)],
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

/** A lane's elements, which stay while it grows: who has the focus on a bar keeps it, and hears nothing anew. */
interface LaneRow {
  readonly element: HTMLElement;
  readonly said: HTMLElement;
  readonly holder: HTMLElement;
  readonly bars: HTMLButtonElement[];
  shown: readonly Bar[];
}

export function waterfallPane(type: string, go: (seq: number) => void): WaterfallPane {
  const cursor = h('i', { class: 'cursor' });
  const legendOf = h('span', { class: 'legend' });
  const [begun, span] = [h('small'), h('small')];
  const lanesOf = h('div', { class: 'lanes', role: 'list', 'aria-label': 'Steps in time' });
  const holder = h('div', { class: 'waterfall' }, h('div', { class: 'lane axis' }, legendOf, h('span', {}, begun, span)), lanesOf,
    h('div', { class: 'lane over', 'aria-hidden': 'true' }, h('span', {}), h('span', {}, cursor)));
  const element = h('details', { class: 'timeline', open: true, hidden: true }, h('summary', {}, 'Timeline'), holder);
  const rows = new Map<string, LaneRow>();
  let explained = '';
  let drawn: Waterfall = { from: 0, to: 0, lanes: [] };
  let last = 0;
  let marked: Parameters<WaterfallPane['mark']> = [0, undefined, {}];

  function rowOf(name: string): LaneRow {
    const known = rows.get(name);
    if (known !== undefined) return known;
    const [said, bars] = [h('small'), h('span', { class: 'bars' })];
    const lane = h('div', { class: 'lane', role: 'listitem', 'data-lane': name }, h('span', { class: 'lane-name', title: name }, laneWords(name), said), bars);
    const row: LaneRow = { element: lane, said, holder: bars, bars: [], shown: [] };
    rows.set(name, row);
    return row;
  }
  function drawBars(row: LaneRow, bars: readonly Bar[], all: number): void {
    row.shown = bars;
    const places = placesOf(bars.map((bar) => ({ from: (bar.from - drawn.from) / all, to: ((bar.to ?? last) - drawn.from) / all })));
    for (const gone of row.bars.splice(bars.length)) gone.remove();
    for (const [i, bar] of bars.entries()) {
      const one = row.bars[i] ?? h('button', { onclick: () => { pressed(row.shown[i]); } });
      if (row.bars[i] === undefined) row.holder.append(one);
      row.bars[i] = one;
      drawBar(one, bar, places[i]);
    }
  }
  const pressed = (bar: Bar | undefined): void => { if (bar !== undefined) go(bar.toSeq ?? bar.fromSeq); };
  function drawBar(one: HTMLElement, bar: Bar, place: Place = { left: 0, width: 0 }): void {
    const words = barWords(bar, last, type);
    // Thin and grey, as every wait.
    const look = isWait(bar) && bar.due === undefined ? `timer ${bar.kind}` : bar.kind;
    set(one, 'class', `bar ${look} ${bar.end}${bar.fromSeq > marked[0] ? ' later' : ''}`);
    set(one, 'title', words);
    set(one, 'aria-label', words);
    // Not as an attribute, which the page's policy forbids.
    const [left, width] = [`${place.left * 100}%`, `${place.width * 100}%`];
    if (one.style.left !== left) one.style.left = left;
    if (one.style.width !== width) one.style.width = width;
  }
  function draw(): void {
    const { from, lanes } = drawn;
    const all = lanes.flatMap(({ bars }) => bars);
    const explains = legend.filter(([, , is]) => all.some(is));
    const words = explains.map(([, text]) => text).join();
    element.hidden = lanes.length === 0;
    if (explained !== words) legendOf.replaceChildren(...explains.flatMap(([look, text]) => [h('i', { class: `bar ${look}` }), `${text} `]));
    explained = words;
    setText(begun, time(from));
    setText(span, `+${duration(last - from)}`);
    const wanted = new Set(lanes.map(({ name }) => name));
    for (const name of rows.keys()) if (!wanted.has(name)) rows.delete(name);
    arrange(lanesOf, lanes.map(({ name }) => rowOf(name).element));
    for (const { name, bars } of lanes) drawBars(rowOf(name), bars, Math.max(1, last - from));
    mark(...marked);
  }
  function mark(...moment: Parameters<WaterfallPane['mark']>): void {
    marked = moment;
    const [seq, at, steps] = moment;
    const place = ((at ?? last) - drawn.from) / Math.max(1, last - drawn.from);
    cursor.style.left = `min(${Math.min(1, place) * 100}%, 100% - 2px)`;
    cursor.hidden = at === undefined;
    for (const [name, { element: lane, said, bars, shown }] of rows) {
      const status = laneStatus(steps[name]?.status ?? null, shown, seq);
      set(lane, 'class', `lane ${status ?? ''}`);
      setText(said, status === null ? '' : ` ${status.replace('-', ' ')}`);
      for (const [i, bar] of bars.entries()) bar.classList.toggle('later', (shown[i]?.fromSeq ?? 0) > seq);
    }
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

/** Only what differs is written: a reader of the screen is told of every change. */
function set(one: HTMLElement, name: string, value: string): void {
  if (one.getAttribute(name) !== value) one.setAttribute(name, value);
}

/** `after nextCheck` of a chart's delay is "next check". */
const laneWords = (name: string): string => (name.startsWith('after ') ? spoken(name.slice('after '.length)) : name);
