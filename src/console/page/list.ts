import { h, soon } from './dom.ts';
import { drawnRows, type Placed, type Row } from './rows.ts';
import { inSight, movedTo } from './window.ts';

/** A list of which only what is seen is in the page: of any length, all rows of one height. What is asked of it is seen in the next frame, once. */
export interface LongList {
  readonly element: HTMLElement;
  /** How long it is; then what is seen is drawn anew. */
  resize(length: number): void;
  draw(): void;
  show(place: number): void;
  /** It is another list now: seen from its first row, and nobody is at any. */
  reset(): void;
  /** Somebody is at that row now. */
  choose(place: number): void;
  /** The row somebody is at. */
  readonly current: { readonly name: string | undefined; readonly place: number } | undefined;
}

let lists = 0;

/**
 * `row` gives a row, or undefined while it is not known; `seen` hears which rows are wanted; `open` of the row that Enter
 * was pressed on. Arrows and pages move from row to row, Tab goes on to what the row one is at has to press. Rows are
 * `height` px high.
 */
export function longList(label: string, height: number, row: (place: number) => Row | undefined, seen: (from: number, count: number) => void, open: (name: string) => void): LongList {
  const rows = drawnRows(`list-${++lists}`, () => element);
  const spacer = h('div', { class: 'spacer', role: 'presentation' }, rows.element);
  const element = h('div', { class: 'long-list', tabindex: 0, role: 'grid', 'aria-label': label }, spacer);
  element.style.setProperty('--row', `${height}px`);
  let length = 0;
  /** What of it is seen, px. Known without asking: that would lay the page out in the middle of a change. */
  let [top, tall] = [0, 0];
  /** Without a name while its row is not known. */
  let current: { name: string | undefined; place: number } | undefined;
  let wanted: number | undefined;
  let isPressed = false;

  const range = (): [from: number, count: number] => {
    const [from, count] = inSight(top, tall, height);
    return [from, Math.max(0, Math.min(count, length - from))];
  };
  function redraw(): void {
    if (wanted !== undefined && tall > 0) bring(wanted);
    const [from, count] = range();
    const known = Array.from({ length: count }, (_, i) => row(from + i));
    if (current !== undefined) {
      current.name ??= row(current.place)?.name;
      const now = current.name === undefined ? -1 : known.findIndex((one) => one?.name === current?.name);
      if (now >= 0) current.place = from + now;
    }
    const active = rows.draw(known.map((one, i) => placed(one, from + i)));
    rows.element.style.transform = `translateY(${from * height}px)`;
    if (active === undefined) element.removeAttribute('aria-activedescendant');
    else if (active !== element.getAttribute('aria-activedescendant')) element.setAttribute('aria-activedescendant', active);
  }
  const placed = (one: Row | undefined, place: number): Placed => ({
    ...one ?? { name: `unknown ${place}`, key: undefined, draw: () => h('div', { class: 'row' }, '…') },
    place, isCurrent: current?.name === undefined ? place === current?.place : one?.name === current.name,
  });
  function bring(place: number): void {
    wanted = undefined;
    const [above, below] = [place * height, (place + 1) * height];
    if (above >= top && below <= top + tall) return;
    top = Math.max(0, Math.min(above - tall / 2, length * height - tall));
    element.scrollTop = top;
    seen(...range());
  }
  function choose(place: number): void {
    current = { name: row(place)?.name, place };
    show(place);
  }
  function show(place: number): void {
    wanted = place;
    draw();
  }
  const moved = (): void => {
    redraw();
    if (length > 0) seen(...range());
  };
  // What is being pressed stays under the pointer.
  const draw = soon(() => { if (!isPressed) redraw(); });
  element.addEventListener('scroll', soon(() => {
    top = element.scrollTop;
    moved();
  }));
  new ResizeObserver(() => {
    tall = element.clientHeight;
    moved();
  }).observe(element);
  element.addEventListener('pointerdown', ({ target }) => {
    const pressed = rows.at(target as Node);
    // The list's own scrollbar.
    if (pressed === undefined) return;
    current = pressed;
    isPressed = true;
    const over = new AbortController();
    for (const end of ['pointerup', 'pointercancel', 'blur']) {
      addEventListener(end, () => {
        over.abort();
        isPressed = false;
        draw();
      }, { signal: over.signal });
    }
  });
  element.addEventListener('focus', () => {
    if (current !== undefined || length === 0) return;
    choose(Math.ceil(top / height));
    // At once: the next Tab is to find what its row has to press.
    redraw();
  });
  element.addEventListener('keydown', (event) => {
    if (event.target !== element || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' && current?.name !== undefined) open(current.name);
    const to = movedTo(event.key, current?.place ?? -1, length, Math.floor(tall / height));
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  });
  return {
    element, draw, show, choose,
    get current() { return current; },
    reset() {
      current = undefined;
      show(0);
    },
    resize(now) {
      if (now !== length) {
        length = now;
        element.setAttribute('aria-rowcount', String(length));
        spacer.style.height = `${length * height}px`;
      }
      draw();
    },
  };
}
