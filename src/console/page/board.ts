import type { BoardPush, BoardRow, BoardWindow, Status } from '../protocol.ts';
import { note } from './address.ts';
import { rowOf } from './board-row.ts';
import { boardOf, orders, queryOf, statuses, windowOf } from './board-window.ts';
import { h, setText } from './dom.ts';
import { longList } from './list.ts';
import type { Live } from './live.ts';
import type { Leave } from './main.ts';

/** Where somebody was on the board when they left it; who comes back to the same board goes on from there. */
let left: { readonly board: string; readonly name: string | undefined; readonly place: number } | undefined;

/** Asked again when there is a connection. */
const lost = (): void => undefined;

/** Every actor and how it is: searched, filtered, live. What narrows it is in its address. */
export function boardPage(root: HTMLElement, live: Live, query: URLSearchParams, command: (actor: string, command: string) => void): Leave {
  const known = new Map<string, BoardRow>();
  let order: readonly string[] = [];
  let from = 0;
  let counts: BoardPush['counts'] = {};
  let asked = windowOf(query);
  let back = left?.board === boardOf(asked) ? left : undefined;
  if (back !== undefined) asked = { ...asked, from: Math.max(0, back.place - 30) };

  const list = longList('Actors', 56, (place) => {
    const row = known.get(order[place - from] ?? '');
    return row === undefined ? undefined : { name: row.actor, key: row, draw: () => rowOf(row, command) };
  }, (first, count) => {
    // Asked anew only when what is seen is no longer what is sent.
    if (first >= from && first + count <= from + order.length) return;
    watch({ from: Math.max(0, first - 30), count: Math.min(200, count + 60) }).catch(lost);
  }, (actor) => { location.hash = `#/${actor}`; });
  const search = h('input', { type: 'search', placeholder: 'Search names, states, reasons   ( / )', 'aria-label': 'Search', value: asked.text, oninput: () => { narrow({ text: search.value }); } });
  const sort = h('select', { 'aria-label': 'Order', onchange: () => { narrow({ sort: sort.value as NonNullable<BoardWindow['sort']> }); } },
    ...orders.map((name) => h('option', { value: name, selected: name === asked.sort }, name === 'attention' ? 'needs attention first' : `by ${name === 'actor' ? 'name' : name}`)));
  const children = h('input', { type: 'checkbox', checked: asked.roots !== true, onchange: () => { narrow({ roots: !children.checked }); } });
  const type = h('select', { 'aria-label': 'Type', onchange: () => { narrow({ type: type.value }); } });
  const buttons = new Map(statuses.map((status) => [status, h('button', { class: `badge ${status}`, hidden: true, 'data-status': status, onclick: () => { toggle(status); } })]));
  const filters = h('div', { class: 'filters', role: 'group', 'aria-label': 'Status' }, ...buttons.values());
  const total = h('output', { 'aria-live': 'off' });
  /** How many there are, told when somebody asked for others. */
  const heard = h('p', { class: 'heard', role: 'status' });
  const none = h('p', { class: 'none', hidden: true });
  root.append(h('h1', { class: 'heard', tabindex: -1 }, 'Board'), h('div', { class: 'tools' }, search, type, sort, h('label', {}, children, ' with children'), total), filters, list.element, none, heard);

  function take({ order: moved, rows, from: first, total: many, counts: now, types }: BoardPush): void {
    for (const row of rows) known.set(row.actor, row);
    if (moved !== undefined) {
      order = moved;
      from = first;
      const wanted = new Set(order);
      for (const name of known.keys()) if (!wanted.has(name)) known.delete(name);
    }
    setText(total, `${many} ${many === 1 ? 'actor' : 'actors'}`);
    list.element.hidden = many === 0;
    none.hidden = many > 0;
    if (many === 0) none.replaceChildren(...(Object.keys(types).length === 0 ? ['There is nothing yet. ', h('code', {}, 'millrace build <folder>'), ' begins a build; it appears here by itself.'] : ['Nothing is like that.']));
    counts = now;
    drawFilters();
    drawTypes(types);
    list.resize(many);
    if (back === undefined || many === 0) return;
    const { name = '', place } = back;
    back = undefined;
    list.choose(order.includes(name) ? from + order.indexOf(name) : place);
    list.element.focus({ preventScroll: true });
  }
  /** They stay while their numbers change: a button that is replaced under the pointer is never clicked. */
  function drawFilters(): void {
    for (const [status, button] of buttons) {
      const isOn = asked.status?.includes(status) ?? false;
      setText(button, `${status} ${counts[status] ?? 0}`);
      button.hidden = !isOn && (counts[status] ?? 0) === 0;
      button.setAttribute('aria-pressed', String(isOn));
    }
  }
  function toggle(status: Status): void {
    const { status: on = [] } = asked;
    narrow({ status: on.includes(status) ? on.filter((one) => one !== status) : [...on, status] });
    // Seen at once, before the rows have come.
    drawFilters();
  }
  function drawTypes(types: BoardPush['types']): void {
    const names = Object.keys(types).toSorted();
    if (type.dataset.drawn === names.join()) return;
    type.dataset.drawn = names.join();
    type.replaceChildren(h('option', { value: '' }, 'all types'), ...names.map((name) => h('option', { value: name, selected: asked.type === name }, name)));
  }
  async function watch(change: Partial<BoardWindow>): Promise<void> {
    asked = { ...asked, ...change };
    const { text, type: only, status, ...rest } = asked;
    take(await live.ask('board.watch', { ...rest, ...(text ? { text } : {}), ...(only ? { type: only } : {}), ...(status?.length ? { status } : {}) }));
  }
  /** Somebody wants to see others: from the first on. */
  function narrow(change: Partial<BoardWindow>): void {
    back = undefined;
    list.reset();
    watch({ ...change, from: 0 }).then(() => { setText(heard, list.element.hidden ? none.textContent : total.textContent); }, lost);
    note(queryOf(asked));
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
  });
  document.addEventListener('keydown', onKey);
  const stops = [live.on('board', ({ board }) => { take(board); }), live.onOpen(() => { watch({}).catch(lost); })];
  return () => {
    document.removeEventListener('keydown', onKey);
    left = list.current === undefined ? undefined : { ...list.current, board: boardOf(asked) };
    for (const stop of stops) stop();
    live.ask('board.leave', {}).catch(() => undefined);
  };
}
