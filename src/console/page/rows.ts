import { arrange, h } from './dom.ts';

/** A row to be seen. */
export interface Row {
  /** Of whom it is: what somebody is at stays theirs wherever it moves. */
  readonly name: string;
  /** Drawn anew only when it is another one than before. */
  readonly key: unknown;
  readonly draw: () => HTMLElement;
}

/** A row at its place in the list. */
export interface Placed extends Row {
  readonly place: number;
  /** Somebody is at it: only what it has to press is come to with Tab. */
  readonly isCurrent: boolean;
}

/** The rows that are in the page. */
export interface DrawnRows {
  readonly element: HTMLElement;
  /** These and no others. Returns the current one's id. */
  draw(rows: readonly Placed[]): string | undefined;
  /** The row that holds this element. */
  at(inside: Node): { readonly name: string; readonly place: number } | undefined;
}

interface Drawn {
  readonly key: unknown;
  readonly element: HTMLElement;
  place: number;
  isCurrent: boolean | undefined;
}

const controlsOf = (row: HTMLElement): readonly HTMLElement[] => [...row.querySelectorAll<HTMLElement>('a, button')];

/** `fallback` gets the focus when what had it is gone. */
export function drawnRows(list: string, fallback: () => HTMLElement): DrawnRows {
  const element = h('div', { class: 'rows', role: 'rowgroup' });
  let drawn = new Map<string, Drawn>();
  let ids = 0;

  function prepared({ key, draw }: Row, id = `${list}-${++ids}`): Drawn {
    const one = draw();
    one.id = id;
    one.setAttribute('role', 'row');
    for (const cell of one.children) cell.setAttribute('role', 'gridcell');
    return { key, element: one, place: -1, isCurrent: undefined };
  }
  function mark(one: Drawn, { place, isCurrent }: Placed): void {
    if (one.place !== place) one.element.setAttribute('aria-rowindex', String(place + 1));
    if (one.isCurrent !== isCurrent) {
      one.element.classList.toggle('current', isCurrent);
      one.element.ariaSelected = String(isCurrent);
      for (const control of controlsOf(one.element)) control.tabIndex = isCurrent ? 0 : -1;
    }
    Object.assign(one, { place, isCurrent });
  }
  return {
    element,
    draw(rows) {
      const next = new Map<string, Drawn>();
      for (const row of rows) {
        const old = drawn.get(row.name);
        const one = old !== undefined && old.key === row.key ? old : prepared(row, old?.element.id);
        mark(one, row);
        next.set(row.name, one);
      }
      const focused = document.activeElement;
      const lost = focused === null ? undefined : [...drawn].find(([name, { element: one }]) => one.contains(focused) && next.get(name)?.element !== one);
      arrange(element, [...next.values()].map(({ element: one }) => one));
      drawn = next;
      if (lost !== undefined) {
        // To the same thing in the row as it is now, if it is still there.
        const [name, { element: before }] = lost;
        const now = drawn.get(name)?.element;
        const same = now === undefined ? undefined : controlsOf(now)[controlsOf(before).findIndex((control) => control === focused)];
        (same ?? fallback()).focus({ preventScroll: true });
      }
      return [...drawn.values()].find(({ isCurrent }) => isCurrent)?.element.id;
    },
    at(inside) {
      const hit = [...drawn].find(([, { element: one }]) => one.contains(inside));
      return hit === undefined ? undefined : { name: hit[0], place: hit[1].place };
    },
  };
}
