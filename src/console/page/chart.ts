import { chartSvg } from '../../projections/chart/svg.ts';
import { style } from '../../projections/chart/svg-style.ts';
import type { ActorFace, LaidOutChart, ShownMoment } from '../protocol.ts';
import { h } from './dom.ts';
import type { Live } from './live.ts';
import { zoomOf } from './zoom.ts';

/** An actor's chart, lit as it was at some moment. */
export interface ChartPane {
  readonly element: HTMLElement;
  /** `supposed`: it is not so, it would be. */
  light(moment: ShownMoment, passed: ActorFace['passed'], supposed?: boolean): void;
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
  const element = h('section', { class: 'chart-pane', 'aria-label': 'Chart' }, h('div', { class: 'tools' }, h('label', {}, 'levels ', depth), zoom.tools), holder);
  let chart: LaidOutChart | undefined;
  let lit: { readonly moment: ShownMoment; readonly passed: ActorFace['passed'] } | undefined;
  if (!isStyled) {
    isStyled = true;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets.push(sheet);
  }

  function draw(): void {
    if (chart === undefined) return;
    const { moment, passed } = lit ?? { moment: undefined, passed: {} };
    const seq = moment?.seq ?? 0;
    const text = chartSvg(chart.geometry, {
      active: moment?.active ?? [], taken: moment?.transitions.map(({ id }) => id) ?? [],
      passed: Object.entries(passed).filter(([, first]) => first <= seq).map(([id]) => id), caption: `${actor} after record ${seq}`,
    }, false);
    const svg = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
    const [left, top] = [holder.scrollLeft, holder.scrollTop];
    holder.replaceChildren(svg);
    zoom.apply();
    holder.scrollTo(left, top);
    const active = [...svg.querySelectorAll('.state.active:not(.open)')].at(0)?.getBoundingClientRect();
    const frame = holder.getBoundingClientRect();
    if (active === undefined || (active.left >= frame.left && active.right <= frame.right && active.top >= frame.top && active.bottom <= frame.bottom)) return;
    holder.scrollBy((active.left + active.right - frame.left - frame.right) / 2, (active.top + active.bottom - frame.top - frame.bottom) / 2);
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
    light(moment, passed, supposed = false) {
      holder.classList.toggle('supposed', supposed);
      lit = { moment, passed };
      draw();
    },
  };
}
