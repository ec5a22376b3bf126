import { stateText } from '../../kernel/state-text.ts';
import type { BoardRow } from '../protocol.ts';
import { actorLink, badge, h, moment } from './dom.ts';
import { stateWords, waitsText } from './words.ts';

/** An actor in a line: how it is, who it is and where, what is wrong or waited for, and since when. */
export function rowOf(entry: BoardRow, command: (actor: string, command: string) => void): HTMLElement {
  const { actor, status, value, at, blocked, failing, reason, children = [], parent } = entry;
  const strong = (text: string): HTMLElement => h('strong', { title: text }, text);
  const helps = blocked?.commands.toSorted((a, b) => Number(a === 'abandon') - Number(b === 'abandon')).map((name) => h('button', { title: `${name} ${blocked.actor}`, onclick: () => { command(blocked.actor, name); } }, name)) ?? [];
  return h('div', { class: 'row' },
    badge(status), h('div', { class: 'who' }, actorLink(actor), h('small', { title: stateText(value) }, stateWords(value))),
    h('div', { class: 'why' },
      ...(blocked === undefined ? [] : [strong(`${blocked.actor === actor ? '' : `${blocked.actor}: `}${blocked.reason}`)]),
      ...(failing === undefined ? [] : [strong(`will fail with ${failing.exitStatus}${failing.reason === undefined ? '' : `: ${failing.reason}`}`)]),
      ...(reason === undefined ? [] : [strong(reason)]),
      h('small', {}, ...helps, blocked === undefined ? waitsText(entry) : '', ...(parent === undefined ? [] : [' part of ', actorLink(parent)]), ...children.flatMap((child) => [' ↳ ', actorLink(child)]))),
    moment(at));
}
