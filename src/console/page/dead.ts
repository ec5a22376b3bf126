import type { DeadRow } from '../protocol.ts';
import { ask as sure } from './decide.ts';
import { actorLink, h, moment, put } from './dom.ts';
import type { Live } from './live.ts';
import type { Leave } from './main.ts';

/** The commands nobody could handle. */
export function deadPage(root: HTMLElement, live: Live, say: (text: string) => void): Leave {
  const list = h('section', { class: 'dead', 'aria-label': 'Letters' });
  const title = h('h1', { tabindex: -1 }, 'Dead letters');
  root.append(title, h('p', {}, h('small', {}, 'Commands that nobody was there to hear refused, or that nobody can read.')), list);
  const act = (ask: 'dead.retry' | 'dead.drop', letter: string) => (): void => {
    live.ask(ask, { letter }).then(() => { say(ask === 'dead.retry' ? 'It is sent again; should nobody take it now either, it comes back here.' : 'It is dropped.'); }, (error: Error) => { say(error.message); });
  };
  const drop = (letter: string, what: string) => (): void => {
    void sure(`drop ${what}?`, 'It is gone then, and is not handled.', 'drop').then((yes) => { if (yes) act('dead.drop', letter)(); });
  };
  const show = (letter: string, into: HTMLElement) => (): void => {
    live.ask('dead.show', { letter }).then(({ body, headers }) => {
      into.hidden = false;
      into.textContent = `${Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`).join('')}${body}`;
    }, (error: Error) => { say(error.message); });
  };
  const articleOf = ({ id, actor, command, code, reason, hint, deliveries, at }: DeadRow): HTMLElement => {
    const whole = h('pre', { tabindex: 0, hidden: true, role: 'region', 'aria-label': `${command} for ${actor}, whole` });
    const button = (name: string, title: string, look: string, onclick: () => void): HTMLElement => h('button', { class: look, title, 'aria-label': `${name} ${command} for ${actor}`, onclick }, name);
    return h('article', {}, h('p', {}, h('strong', {}, command), ' for ', actorLink(actor), h('small', {}, ' ', moment(at), `, delivered ${deliveries === 1 ? 'once' : `${deliveries} times`}, ${code}`)), h('p', { class: 'reason' }, reason), ...(hint === undefined ? [] : [h('p', {}, h('small', {}, hint))]),
      h('div', { class: 'tools' }, button('retry', 'send it again, as it was', '', act('dead.retry', id)), button('show', 'its headers and its body', '', show(id, whole)), button('drop', 'it is not handled', 'grave', drop(id, `${command} for ${actor}`))), whole);
  };
  const articles = new Map<string, { readonly key: string; readonly article: HTMLElement }>();
  // A letter that is open stays open while others come.
  const draw = (letters: readonly DeadRow[]): void => {
    const known = new Set(letters.map(({ id }) => id));
    for (const id of articles.keys()) if (!known.has(id)) articles.delete(id);
    put(list, letters.length === 0 ? [h('p', {}, 'There are none.')] : letters.map((letter) => {
      const key = JSON.stringify(letter);
      const old = articles.get(letter.id);
      if (old?.key === key) return old.article;
      const article = articleOf(letter);
      articles.set(letter.id, { key, article });
      return article;
    }), title);
  };
  const stops = [live.on('dead', ({ dead }) => { draw(dead); }), live.onOpen(() => { live.ask('dead.watch', {}).then(draw, (error: Error) => { say(error.message); }); })];
  return () => {
    for (const stop of stops) stop();
    live.ask('dead.leave', {}).catch(() => undefined);
  };
}
