import { idsOf } from '../../projections/chart/fold.ts';
import { chartSvg } from '../../projections/chart/svg.ts';
import { style } from '../../projections/chart/svg-style.ts';
import type { ActorFace, LaidOutChart, ShownMoment } from '../protocol.ts';
import { h, put } from './dom.ts';
import type { Live } from './live.ts';
import { zoomOf } from './zoom.ts';

/** An actor's chart, lit as it was at some moment. */
export interface ChartPane {
  readonly element: HTMLElement;
  /** What was passed until then is marked; `isAsked`: somebody went to this moment, rather than it coming by itself. */
  light(moment: ShownMoment, passed: ActorFace['passed'], isAsked: boolean): void;
  /** It is not so, it would be after the moment that is shown. */
  suppose(moment: ShownMoment): void;
  /** Once the actor is watched. */
  load(): void;
}

/** A chart that is not there by then is shown as its outline first. */
const outlineAfterMs = 150;

let isStyled = false;

/** `chosen` hears of a state or transition that was clicked, by id. */
export function chartPane(live: Live, actor: string, chosen: (ids: readonly string[]) => void): ChartPane {
  const holder = h('div', { class: 'chart', tabindex: 0, role: 'group', 'aria-label': 'Drawing' }, h('p', {}, 'The chart is laid out…'));
  const zoom = zoomOf(holder);
  const depth = h('select', { 'aria-label': 'Depth', onchange: () => { load(Number(depth.value)); } });
  const way = h('select', { 'aria-label': 'Go to a state that was passed', onchange: () => {
    chosen([way.value]);
    way.value = '';
  } });
  const element = h('section', { class: 'chart-pane', 'aria-label': 'Chart' }, h('div', { class: 'tools' }, h('label', {}, 'levels ', depth), h('label', { class: 'passed-way' }, 'passed ', way), zoom.tools), holder);
  let chart: LaidOutChart | undefined;
  let lit: { readonly moment: ShownMoment; readonly passed: readonly string[] } | undefined;
  /** Until now, whatever moment is shown. */
  let ever: ReadonlySet<string> = new Set();
  let drawn = '';
  /** Somebody looks around in it: it is not moved under their eyes. */
  let isHeld = false;
  for (const hold of ['pointerdown', 'wheel', 'keydown']) holder.addEventListener(hold, () => { isHeld = true; }, { passive: true });
  if (!isStyled) {
    isStyled = true;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets.push(sheet);
  }

  function draw(): void {
    if (chart === undefined) return;
    const { moment, passed } = lit ?? { moment: undefined, passed: [] };
    const marks = { active: moment?.active ?? [], taken: moment?.transitions.map(({ id }) => id) ?? [], passed, within: moment === undefined ? [] : withinOf(chart, moment) };
    const now = JSON.stringify([chart.hash, chart.depth, marks]);
    drawWay();
    if (now === drawn) return;
    drawn = now;
    const text = chartSvg(chart.geometry, { ...marks, caption: `${actor} after record ${moment?.seq ?? 0}` }, false);
    const svg = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
    const [left, top] = [holder.scrollLeft, holder.scrollTop];
    holder.replaceChildren(svg);
    zoom.apply();
    holder.scrollTo(left, top);
    if (!isHeld) bring(svg);
  }
  /** What the last step did is brought in sight, with where it led to, as far as both have room. */
  function bring(svg: Element): void {
    const frame = holder.getBoundingClientRect();
    const boxes = (selector: string): readonly DOMRect[] => [...svg.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
    const [did] = boxes('.label.taken, .state.within');
    const [is] = boxes('.state.active:not(.open)').toSorted((one, other) => distance(one, did) - distance(other, did));
    const both = did !== undefined && is !== undefined ? around(did, is) : did ?? is;
    const one = both !== undefined && (both.width > frame.width || both.height > frame.height) ? did : both;
    if (one === undefined || (one.left >= frame.left && one.right <= frame.right && one.top >= frame.top && one.bottom <= frame.bottom)) return;
    holder.scrollBy((one.left + one.right - frame.left - frame.right) / 2, (one.top + one.bottom - frame.top - frame.bottom) / 2);
  }
  /** The states that were passed, for who has no mouse to press them with. */
  function drawWay(): void {
    const states = chart?.geometry.states.filter(({ state }) => state.parent !== null && ever.has(state.id)) ?? [];
    put(way, [h('option', { value: '' }, 'go to a state…'), ...states.map(({ state }) => h('option', { value: state.id }, state.path.join('.')))]);
  }
  function show(laidOut: LaidOutChart): void {
    chart = laidOut;
    depth.replaceChildren(...Array.from({ length: laidOut.deepest }, (_, i) => h('option', { value: i + 1, selected: i + 1 === laidOut.depth }, String(i + 1))));
    draw();
  }
  function load(wanted: number): void {
    live.ask('actor.chart', { actor, depth: wanted }).then(show, (error: Error) => { holder.replaceChildren(h('p', {}, error.message)); });
  }
  holder.addEventListener('click', (event) => {
    const hit = (event.target as Element).closest<SVGElement>('[data-state],[data-transition]');
    const ids = hit?.dataset.state ?? hit?.dataset.transition;
    if (ids !== undefined) chosen(hit?.dataset.state === undefined ? ids.split(' ') : [ids]);
  });
  return {
    element,
    load() {
      load(chart?.depth ?? 2);
      // A machine that was never laid out takes seconds; its outline does not.
      setTimeout(() => { if (chart === undefined) live.ask('actor.chart', { actor, depth: 1 }).then((outline) => { if (chart === undefined) show(outline); }, () => undefined); }, outlineAfterMs);
    },
    light(moment, passed, isAsked) {
      holder.classList.remove('supposed');
      ever = new Set(Object.keys(passed));
      lit = { moment, passed: Object.entries(passed).filter(([, first]) => first <= moment.seq).map(([id]) => id) };
      if (isAsked) isHeld = false;
      draw();
    },
    suppose(moment) {
      holder.classList.add('supposed');
      lit = { moment, passed: lit?.passed ?? [] };
      isHeld = false;
      draw();
    },
  };
}

/** Where nothing of the last step is drawn, the states that hide it: the innermost drawn one about each transition. */
function withinOf({ geometry, parents }: LaidOutChart, { transitions }: ShownMoment): readonly string[] {
  const drawn = new Set(geometry.labels.flatMap(({ transition }) => idsOf(transition)));
  const states = new Set(geometry.states.map(({ state }) => state.id));
  if (transitions.some(({ id }) => drawn.has(id))) return [];
  return transitions.flatMap(({ source }) => {
    let state: string | null | undefined = source;
    while (typeof state === 'string' && !states.has(state)) state = parents[state];
    return typeof state === 'string' ? [state] : [];
  });
}

const around = (one: DOMRect, other: DOMRect): DOMRect => {
  const [left, top] = [Math.min(one.left, other.left), Math.min(one.top, other.top)];
  return new DOMRect(left, top, Math.max(one.right, other.right) - left, Math.max(one.bottom, other.bottom) - top);
};

/** Between their corners; none when there is nothing to be near to. */
const distance = (one: DOMRect, other: DOMRect | undefined): number => (other === undefined ? 0 : Math.hypot(one.left - other.left, one.top - other.top));
