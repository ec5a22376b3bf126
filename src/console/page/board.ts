import type { BoardPush, BoardRow, BoardWindow, Status } from '../protocol.ts';
import { actorLink, badge, h, moment } from './dom.ts';
import { longList } from './list.ts';
import type { Live } from './live.ts';
import type { Leave } from './main.ts';
import { stateText, stateWords, waitsText } from './words.ts';

const statuses: readonly Status[] = ['blocked', 'failed', 'running', 'waiting', 'stopping', 'stopped', 'undoing', 'cancelled', 'completed'];

/** Every actor and how it is: searched, filtered, live. */
export function boardPage(root: HTMLElement, live: Live, command: (actor: string, command: string) => void): Leave {
  const known = new Map<string, BoardRow>();
  let order: readonly string[] = [];
  let from = 0;
  let counts: BoardPush['counts'] = {};
  let asked: BoardWindow = { from: 0, count: 80, roots: true };

  const list = longList('Actors', 56, (place) => {
    const row = known.get(order[place - from] ?? '');
    return row === undefined ? undefined : { key: row, draw: () => rowOf(row, command) };
  }, (first, count) => {
    // Asked anew only when what is seen is no longer what is sent.
    if (first >= from && first + count <= from + order.length) return;
    watch({ from: Math.max(0, first - 30), count: Math.min(200, count + 60) });
  }, (place) => {
    const actor = order[place - from];
    if (actor !== undefined) location.hash = `#/${actor}`;
  });
  const search = h('input', { type: 'search', placeholder: 'Search names, states, reasons   ( / )', 'aria-label': 'Search', oninput: () => { watch({ from: 0, text: search.value }); } });
  const sort = h('select', { 'aria-label': 'Order', onchange: () => { watch({ from: 0, sort: sort.value as NonNullable<BoardWindow['sort']> }); } },
    ...['attention', 'changed', 'created', 'actor'].map((name) => h('option', { value: name }, name === 'attention' ? 'needs attention first' : `by ${name === 'actor' ? 'name' : name}`)));
  const children = h('input', { type: 'checkbox', onchange: () => { watch({ from: 0, roots: !children.checked }); } });
  const type = h('select', { 'aria-label': 'Type', onchange: () => { watch({ from: 0, type: type.value }); } });
  const buttons = new Map(statuses.map((status) => [status, h('button', { class: `badge ${status}`, hidden: true, 'data-status': status, onclick: () => { toggle(status); } })]));
  const filters = h('div', { class: 'filters', role: 'group', 'aria-label': 'Status' }, ...buttons.values());
  const total = h('output', { 'aria-live': 'off' });
  const none = h('p', { class: 'none', hidden: true });
  root.append(h('h1', { class: 'heard' }, 'Board'), h('div', { class: 'tools' }, search, type, sort, h('label', {}, children, ' with children'), total), filters, list.element, none);
  asked = { ...asked, sort: 'attention' };

  function take({ order: moved, rows, from: first, total: many, counts: now, types }: BoardPush): void {
    for (const row of rows) known.set(row.actor, row);
    if (moved !== undefined) {
      order = moved;
      from = first;
      for (const name of known.keys()) if (!order.includes(name)) known.delete(name);
    }
    total.textContent = `${many} ${many === 1 ? 'actor' : 'actors'}`;
    list.element.hidden = many === 0;
    none.hidden = many > 0;
    none.replaceChildren(...(Object.keys(types).length === 0 ? ['There is nothing yet. ', h('code', {}, 'millrace build <folder>'), ' begins a build; it appears here by itself.'] : ['Nothing is like that.']));
    counts = now;
    drawFilters();
    drawTypes(types);
    list.resize(many);
  }
  /** They stay while their numbers change: a button that is replaced under the pointer is never clicked. */
  function drawFilters(): void {
    for (const [status, button] of buttons) {
      const isOn = asked.status?.includes(status) ?? false;
      const text = `${status} ${counts[status] ?? 0}`;
      if (button.textContent !== text) button.textContent = text;
      button.hidden = !isOn && (counts[status] ?? 0) === 0;
      button.setAttribute('aria-pressed', String(isOn));
    }
  }
  function toggle(status: Status): void {
    const { status: on = [] } = asked;
    watch({ from: 0, status: on.includes(status) ? on.filter((one) => one !== status) : [...on, status] });
    // Seen at once, before the rows have come.
    drawFilters();
  }
  function drawTypes(types: BoardPush['types']): void {
    const names = Object.keys(types).toSorted();
    if (type.dataset.drawn === names.join()) return;
    type.dataset.drawn = names.join();
    type.replaceChildren(h('option', { value: '' }, 'all types'), ...names.map((name) => h('option', { value: name, selected: asked.type === name }, name)));
  }
  function watch(change: Partial<BoardWindow>): void {
    asked = { ...asked, ...change };
    if (change.from === 0) list.element.scrollTop = 0;
    const { text, type: only, status, ...rest } = asked;
    live.ask('board.watch', { ...rest, ...(text ? { text } : {}), ...(only ? { type: only } : {}), ...(status?.length ? { status } : {}) }).then(take, () => undefined);
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    search.focus();
  };
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
    event.preventDefault();
    list.element.focus();
    list.element.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
  });
  document.addEventListener('keydown', onKey);
  const stops = [live.on('board', ({ board }) => { take(board); }), live.onOpen(() => { watch({}); })];
  return () => {
    document.removeEventListener('keydown', onKey);
    for (const stop of stops) stop();
    live.ask('board.leave', {}).catch(() => undefined);
  };
}

function rowOf(entry: BoardRow, command: (actor: string, command: string) => void): HTMLElement {
  const { actor, status, value, at, blocked, failing, reason, children = [], parent } = entry;
  const strong = (text: string): HTMLElement => h('strong', { title: text }, text);
  const helps = blocked?.commands.toSorted((a, b) => Number(a === 'abandon') - Number(b === 'abandon')).map((name) => h('button', { title: `${name} ${blocked.actor}`, onclick: () => { command(blocked.actor, name); } }, name)) ?? [];
  return h('div', { class: 'row' },
    badge(status), h('div', { class: 'who' }, actorLink(actor), h('small', { title: stateText(value) }, stateWords(value))),
    h('div', { class: 'why' },
      ...(blocked === undefined ? [] : [strong(`${blocked.actor === actor ? '' : `${blocked.actor}: `}${blocked.reason}`)]),
      ...(failing === undefined ? [] : [strong(`will fail with ${failing.exitStatus}${failing.reason === undefined ? '' : `: ${failing.reason}`}`)]),
      ...(reason === undefined ? [] : [strong(reason)]),
      h('small', {}, ...helps, blocked === undefined ? waitsText(entry) : '', ...(parent === undefined ? [] : [' part of ', actorLink(parent)]), ...children.flatMap((child) => [' ↳ ', actorLink(child)]))),
    moment(at));
}
