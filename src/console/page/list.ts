import { h, soon } from './dom.ts';
import { inSight, movedTo } from './window.ts';

/** A row to be seen: drawn anew only when `key` is another one than before. */
export interface Row {
  readonly key: unknown;
  readonly draw: () => HTMLElement;
}

/** A list of which only what is seen is in the page: of any length, all rows of one height. */
export interface LongList {
  readonly element: HTMLElement;
  /** How long it is; then what is seen is drawn anew. */
  resize(length: number): void;
  draw(): void;
  show(place: number): void;
}

let lists = 0;

/**
 * `row` gives a row, or undefined while it is not known; `seen` hears which rows are wanted; `open` of the row that Enter
 * was pressed on. Arrows and pages move from row to row.
 */
export function longList(label: string, height: number, row: (place: number) => Row | undefined, seen: (from: number, count: number) => void, open: (place: number) => void): LongList {
  const name = `list-${++lists}`;
  const rows = h('div', { class: 'rows', role: 'rowgroup' });
  const spacer = h('div', { class: 'spacer', role: 'presentation' }, rows);
  const element = h('div', { class: 'long-list', tabindex: 0, role: 'grid', 'aria-label': label }, spacer);
  let drawn = new Map<unknown, HTMLElement>();
  let length = 0;
  let current = -1;
  const unknown = h('div', { class: 'row' }, '…');
  const range = (): [number, number] => inSight(element.scrollTop, element.clientHeight, height);

  function redraw(): void {
    const [from, count] = range();
    const focused = document.activeElement;
    const wanted = new Map<unknown, HTMLElement>();
    for (let place = from; place < Math.min(from + count, length); place++) {
      const { key, draw } = row(place) ?? { key: `unknown ${place}`, draw: () => unknown.cloneNode(true) as HTMLElement };
      const one = drawn.get(key) ?? draw();
      mark(one, place);
      wanted.set(key, one);
    }
    rows.style.transform = `translateY(${from * height}px)`;
    // Only what is not in its place is moved: a row that is under the pointer, or has the focus, stays as it is.
    for (const [key, one] of drawn) if (!wanted.has(key)) one.remove();
    let next = rows.firstElementChild;
    for (const one of wanted.values()) {
      if (one === next) next = next.nextElementSibling;
      else rows.insertBefore(one, next);
    }
    drawn = wanted;
    if (focused !== null && focused !== document.activeElement && !focused.isConnected) element.focus({ preventScroll: true });
  }
  function mark(one: HTMLElement, place: number): void {
    one.setAttribute('role', 'row');
    one.setAttribute('aria-rowindex', String(place + 1));
    for (const cell of one.children) cell.setAttribute('role', 'gridcell');
    one.id = `${name}-${place}`;
    one.style.height = `${height}px`;
    one.classList.toggle('current', place === current);
  }
  function show(place: number): void {
    const [top, bottom] = [place * height, (place + 1) * height];
    if (top < element.scrollTop || bottom > element.scrollTop + element.clientHeight) element.scrollTop = top - element.clientHeight / 2;
  }
  element.addEventListener('scroll', soon(() => {
    seen(...range());
    redraw();
  }));
  element.addEventListener('keydown', (event) => {
    if (event.target !== element || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' && current >= 0 && current < length) open(current);
    const to = movedTo(event.key, current, length, Math.floor(element.clientHeight / height));
    if (to === undefined) return;
    event.preventDefault();
    current = to;
    element.setAttribute('aria-activedescendant', `${name}-${current}`);
    show(current);
    redraw();
  });
  return {
    element, draw: redraw, show,
    resize(now) {
      length = now;
      element.setAttribute('aria-rowcount', String(length));
      spacer.style.height = `${length * height}px`;
      redraw();
    },
  };
}
