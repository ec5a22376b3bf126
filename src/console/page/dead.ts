import type { DeadRow } from '../protocol.ts';
import { ask as sure } from './decide.ts';
import { actorLink, h, time } from './dom.ts';
import type { Live } from './live.ts';
import type { Leave } from './main.ts';

/** The commands nobody could handle. */
export function deadPage(root: HTMLElement, live: Live, say: (text: string) => void): Leave {
  const list = h('div', { class: 'dead', role: 'list', 'aria-label': 'Dead letters' });
  root.append(h('h1', {}, 'Dead letters'), list);
  const act = (ask: 'dead.retry' | 'dead.drop', letter: string) => (): void => {
    live.ask(ask, { letter }).then(() => { say(ask === 'dead.retry' ? 'it is sent again' : 'it is dropped'); }, (error: Error) => { say(error.message); });
  };
  const drop = (letter: string, what: string) => (): void => {
    void sure(`drop ${what}?`, 'It is gone then, and is not handled.', 'drop').then((yes) => { if (yes) act('dead.drop', letter)(); });
  };
  const show = (letter: string, into: HTMLElement) => (): void => {
    live.ask('dead.show', { letter }).then(({ body, headers }) => { into.textContent = `${JSON.stringify(headers, null, 2)}\n${body}`; }, (error: Error) => { say(error.message); });
  };
  const draw = (letters: readonly DeadRow[]): void => {
    list.replaceChildren(...letters.map(({ id, actor, command, code, reason, hint, deliveries, at }) => {
      const whole = h('pre', {});
      return h('article', { role: 'listitem' }, h('p', {}, h('strong', {}, command), ' for ', actorLink(actor), ` · ${code} · ${time(at)} · delivered ${deliveries} times`), h('p', {}, reason, hint === undefined ? undefined : h('small', {}, ` ${hint}`)),
        h('div', { class: 'tools' }, h('button', { onclick: act('dead.retry', id) }, 'retry'), h('button', { onclick: drop(id, `${command} for ${actor}`) }, 'drop'), h('button', { onclick: show(id, whole) }, 'show')), whole);
    }), ...(letters.length === 0 ? [h('p', { role: 'listitem' }, 'There are none.')] : []));
  };
  const stops = [live.on('dead', ({ dead }) => { draw(dead); }), live.onOpen(() => { live.ask('dead.watch', {}).then(draw, (error: Error) => { say(error.message); }); })];
  return () => {
    for (const stop of stops) stop();
    live.ask('dead.leave', {}).catch(() => undefined);
  };
}
