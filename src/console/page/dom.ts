type Child = Node | string | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>;

/** An element. A function is a listener (`onclick`), true an attribute without a value, false and undefined none. Text is never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Nothing is laid out anew where nothing has changed. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** These and no others, in this order. Only what is not in its place is moved: what stays keeps the focus. */
export function arrange(holder: HTMLElement, wanted: readonly Node[]): void {
  const stay = new Set(wanted);
  for (const gone of [...holder.childNodes].filter((one) => !stay.has(one))) gone.remove();
  let here = holder.firstChild;
  for (const one of wanted) {
    if (one === here) here = one.nextSibling;
    else holder.insertBefore(one, here);
  }
}

/** As {@link arrange}, but what looks as something did before is that. What had the focus keeps it, or its like gets it, or `fallback`. */
export function put(holder: HTMLElement, children: readonly Child[], fallback: HTMLElement = holder): void {
  const focused = document.activeElement;
  const hadFocus = focused instanceof HTMLElement && focused !== holder && holder.contains(focused);
  const before = new Set<Node>(holder.childNodes);
  arrange(holder, children.filter((child) => child !== undefined).map((child) => {
    const one = typeof child === 'string' ? new Text(child) : child;
    const same = before.has(one) ? one : [...before].find((other) => other.isEqualNode(one));
    if (same !== undefined) before.delete(same);
    return same ?? one;
  }));
  if (!hadFocus || document.activeElement === focused) return;
  const like = [...holder.querySelectorAll<HTMLElement>(focused.tagName)].find(({ textContent }) => textContent === focused.textContent);
  (like ?? fallback).focus({ preventScroll: true });
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** As short as it is clear: of today without the day. */
export const time = (at: number): string => {
  const moment = new Date(at);
  return moment.toDateString() === new Date().toDateString() ? clock.format(moment) : whole.format(moment);
};

/** A moment on the page, whose day is there for who asks. */
export const moment = (at: number, text = time(at)): HTMLTimeElement => h('time', { datetime: new Date(at).toISOString(), title: whole.format(at) }, text);

export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : seconds < 3_600 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s` : `${Math.floor(seconds / 3_600)} h ${Math.round((seconds % 3_600) / 60)} min`;
}

export const actorLink = (actor: string): HTMLAnchorElement => h('a', { href: `#/${actor}` }, actor);

/** `look`: the status it is coloured as. */
export const badge = (text: string, look = text): HTMLElement => h('span', { class: `badge ${look}` }, text);

/** Work that is done once in the next frame, however often it is asked for. */
export function soon(work: () => void): () => void {
  let planned = false;
  return () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      work();
    });
  };
}
