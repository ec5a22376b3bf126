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

/** As short as it is clear: of today without the day. */
export const time = (at: number): string => {
  const moment = new Date(at);
  return moment.toDateString() === new Date().toDateString() ? moment.toLocaleTimeString() : moment.toLocaleString();
};

/** A moment on the page, whose day is there for who asks. */
export const moment = (at: number, text = time(at)): HTMLTimeElement => h('time', { datetime: new Date(at).toISOString(), title: new Date(at).toLocaleString() }, text);

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
