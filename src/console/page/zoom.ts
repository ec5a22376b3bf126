import { h, setText } from './dom.ts';

const [least, most] = [0.15, 3];

/** A drawing in a frame that scrolls: nearer, farther, all of it, and dragged with the mouse. */
export interface Zoom {
  readonly tools: HTMLElement;
  /** For a drawing that was put into the frame anew. */
  apply(): void;
}

export function zoomOf(frame: HTMLElement): Zoom {
  let scale = 1;
  const drawing = (): SVGSVGElement | null => frame.querySelector('svg');
  const apply = (): void => {
    const svg = drawing();
    if (svg === null) return;
    const { width, height } = svg.viewBox.baseVal;
    svg.setAttribute('width', String(width * scale));
    svg.setAttribute('height', String(height * scale));
    setText(now, `${Math.round(scale * 100)} %`);
  };
  /** What is at `x`, `y` of the frame stays there. */
  const to = (wanted: number, x = frame.clientWidth / 2, y = frame.clientHeight / 2): void => {
    const before = scale;
    scale = Math.max(least, Math.min(most, wanted));
    const [left, top] = [(frame.scrollLeft + x) * scale / before - x, (frame.scrollTop + y) * scale / before - y];
    apply();
    frame.scrollTo(left, top);
  };
  const fit = (): void => {
    const box = drawing()?.viewBox.baseVal;
    if (box !== undefined) to(Math.min(1, (frame.clientWidth - 4) / box.width, (frame.clientHeight - 4) / box.height));
  };
  const now = h('output', { class: 'zoomed' }, '100 %');
  const button = (sign: string, name: string, onclick: () => void): HTMLElement => h('button', { 'aria-label': name, title: name, onclick }, sign);
  frame.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { left, top } = frame.getBoundingClientRect();
    to(scale * Math.exp(-event.deltaY / 400), event.clientX - left, event.clientY - top);
  }, { passive: false });
  frame.addEventListener('keydown', (event) => {
    const by = { '+': 1.25, '=': 1.25, '-': 0.8 }[event.key];
    if (by !== undefined) to(scale * by);
    else if (event.key === '0') fit();
  });
  dragged(frame);
  return { apply, tools: h('span', { class: 'zoom', role: 'group', 'aria-label': 'Zoom' }, button('−', 'farther', () => { to(scale * 0.8); }), now, button('+', 'nearer', () => { to(scale * 1.25); }), h('button', { title: 'all of it', onclick: fit }, 'fit')) };
}

/** A click that moved is no click. */
function dragged(frame: HTMLElement): void {
  let moved = false;
  frame.addEventListener('mousedown', (down) => {
    const [left, top] = [frame.scrollLeft, frame.scrollTop];
    moved = false;
    const move = (event: MouseEvent): void => {
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > 4) moved = true;
      if (moved) frame.scrollTo(left + down.clientX - event.clientX, top + down.clientY - event.clientY);
    };
    addEventListener('mousemove', move);
    addEventListener('mouseup', () => { removeEventListener('mousemove', move); }, { once: true });
  });
  frame.addEventListener('click', (event) => { if (moved) event.stopImmediatePropagation(); }, { capture: true });
}
