import type { DeadRow } from '../protocol.ts';
import { ask as sure } from './decide.ts';
import { actorLink, h, moment } from './dom.ts';
import type { Live } from './live.ts';
import type { Leave } from './main.ts';

/** The commands nobody could handle. */
export function deadPage(root: HTMLElement, live: Live, say: (text: string) => void): Leave {
  const list = h('div', { class: 'dead', role: 'list', 'aria-label': 'Dead letters' });
  root.append(h('h1', {}, 'Dead letters'), h('p', {}, h('small', {}, 'Commands that nobody was there to hear refused, or that nobody can read.')), list);
  const act = (ask: 'dead.retry' | 'dead.drop', letter: string) => (): void => {
    live.ask(ask, { letter }).then(() => { say(ask === 'dead.retry' ? 'it is sent again' : 'it is dropped'); }, (error: Error) => { say(error.message); });
  };
  const drop = (letter: string, what: string) => (): void => {
    void sure(`drop ${what}?`, 'It is gone then, and is not handled.', 'drop').then((yes) => { if (yes) act('dead.drop', letter)(); });
  };
  const show = (letter: string, into: HTMLElement) => (): void => {
    live.ask('dead.show', { letter }).then(({ body, headers }) => { into.textContent = `${Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`).join('')}${body}`; }, (error: Error) => { say(error.message); });
  };
  const draw = (letters: readonly DeadRow[]): void => {
    list.replaceChildren(...letters.map(({ id, actor, command, code, reason, hint, deliveries, at }) => {
      const whole = h('pre', {});
      return h('article', { role: 'listitem' }, h('p', {}, h('strong', {}, command), ' for ', actorLink(actor), h('small', {}, ' ', moment(at), `, delivered ${deliveries === 1 ? 'once' : `${deliveries} times`}, ${code}`)), h('p', { class: 'reason' }, reason), ...(hint === undefined ? [] : [h('p', {}, h('small', {}, hint))]),
        h('div', { class: 'tools' }, h('button', { title: 'send it again, as it was', onclick: act('dead.retry', id) }, 'retry'), h('button', { onclick: show(id, whole) }, 'show'), h('button', { class: 'grave', onclick: drop(id, `${command} for ${actor}`) }, 'drop')), whole);
    }), ...(letters.length === 0 ? [h('p', { role: 'listitem' }, 'There are none.')] : []));
  };
  const stops = [live.on('dead', ({ dead }) => { draw(dead); }), live.onOpen(() => { live.ask('dead.watch', {}).then(draw, (error: Error) => { say(error.message); }); })];
  return () => {
    for (const stop of stops) stop();
    live.ask('dead.leave', {}).catch(() => undefined);
  };
}
