import { h, soon } from './dom.ts';

/** A list of which only what is seen is in the page: of any length, all rows of one height. */
export interface LongList {
  readonly element: HTMLElement;
  /** How long it is; then what is seen is drawn anew. */
  resize(length: number): void;
  draw(): void;
  show(place: number): void;
}

/** `draw` gives a row, or undefined while it is not known; `seen` hears which rows are wanted. */
export function longList(label: string, height: number, draw: (place: number) => HTMLElement | undefined, seen: (from: number, count: number) => void): LongList {
  const rows = h('div', { class: 'rows' });
  const spacer = h('div', { class: 'spacer' }, rows);
  const element = h('div', { class: 'long-list', tabindex: 0, role: 'list', 'aria-label': label }, spacer);
  let length = 0;
  const range = (): [number, number] => [Math.max(0, Math.floor(element.scrollTop / height) - 10), Math.ceil(element.clientHeight / height) + 20];
  const redraw = (): void => {
    const [from, count] = range();
    rows.style.transform = `translateY(${from * height}px)`;
    rows.replaceChildren(...Array.from({ length: Math.max(0, Math.min(count, length - from)) }, (_, i) => {
      const row = draw(from + i) ?? h('div', { class: 'row' }, '…');
      row.setAttribute('role', 'listitem');
      row.style.height = `${height}px`;
      return row;
    }));
  };
  element.addEventListener('scroll', soon(() => {
    seen(...range());
    redraw();
  }));
  return {
    element,
    draw: redraw,
    resize(now) {
      length = now;
      spacer.style.height = `${length * height}px`;
      redraw();
    },
    show(place) {
      const [top, bottom] = [place * height, (place + 1) * height];
      if (top < element.scrollTop || bottom > element.scrollTop + element.clientHeight) element.scrollTop = top - element.clientHeight / 2;
    },
  };
}
