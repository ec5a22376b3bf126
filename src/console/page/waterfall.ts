import type { Waterfall } from '../protocol.ts';
import { duration, h, time } from './dom.ts';

/** What ran and waited when, a lane a step; `go` to the record that began or ended a bar. */
export function waterfallOf({ from, to, lanes }: Waterfall, go: (seq: number) => void): HTMLElement {
  const span = Math.max(1, to - from);
  return h('div', { class: 'waterfall', role: 'list', 'aria-label': 'Steps in time' }, ...lanes.map(({ name, status, bars }) => h('div', { class: 'lane', role: 'listitem' },
    h('span', { class: 'lane-name', title: status ?? '' }, name, status === null ? undefined : h('small', {}, ` ${status}`)),
    h('span', { class: 'bars' }, ...bars.map((bar) => {
      const end = bar.to ?? to;
      const what = `${bar.name}, ${bar.kind}${bar.attempt > 1 ? ` ${bar.attempt}` : ''}: ${bar.end} after ${duration(end - bar.from)}, from ${time(bar.from)}${bar.error === undefined ? '' : `: ${bar.error.message} [${bar.error.code}]`}`;
      const one = h('button', { class: `bar ${bar.kind} ${bar.end}`, title: what, 'aria-label': what, onclick: () => { go(bar.toSeq ?? bar.fromSeq); } });
      one.style.left = `${((bar.from - from) / span) * 100}%`;
      one.style.width = `max(4px, ${((end - bar.from) / span) * 100}%)`;
      return one;
    })))));
}
