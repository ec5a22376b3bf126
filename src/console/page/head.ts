import { stateText } from '../../kernel/state-text.ts';
import type { ActorFace, ShownMoment } from '../protocol.ts';
import { actorLink, badge, h, moment as when, put, setText } from './dom.ts';
import { troubleOf } from './trouble.ts';
import { stateWords, waitsText } from './words.ts';

const controls = ['stop', 'start', 'cancel'];
/** More children than that are one click away. */
const childrenShown = 4;

/** Who it is, how it is, whose it is, what is wrong, and what can be asked of it. */
export interface Head {
  readonly element: HTMLElement;
  /** `latest`: the present, whatever moment is shown; undefined when it is not drawn. */
  show(moment: ShownMoment, latest: ShownMoment | undefined): void;
  family(face: Pick<ActorFace, 'parent'> | undefined, children: Readonly<Record<string, number>>): void;
  name(face: ActorFace): void;
  problem(text: string): void;
}

export function headOf(actor: string, command: (actor: string, name: string, isTaken?: boolean) => void): Head {
  const title = h('h1', { tabindex: -1 }, actor);
  const about = h('small', { class: 'about' });
  const state = h('p', { class: 'state' });
  /** How it is, for who hears the page: told once, not with every record. */
  const heard = h('p', { class: 'heard', role: 'status' });
  const more = h('details', {});
  const family = h('p', { class: 'family' });
  const trouble = h('div');
  const buttons = h('div', { class: 'tools', role: 'group', 'aria-label': 'Control' });
  const element = h('header', { class: 'actor-head' }, h('div', { class: 'title' }, title, about, buttons), state, heard, family, trouble);

  return {
    element,
    name({ machine, createdAt }) { about.replaceChildren(`${machine.name} ${machine.version}, begun `, when(createdAt)); },
    problem(text) {
      setText(state, text);
      setText(heard, text);
    },
    show(moment, latest = moment) {
      const isNow = moment.seq === latest.seq;
      const words = stateWords(moment.value);
      const waits = waitsText({ actor: actor as never, waitingFor: moment.status === 'blocked' ? [] : moment.waitingFor });
      setText(heard, `${actor} is ${latest.status}`);
      put(state, [badge(moment.status), h('span', { title: stateText(moment.value) }, words), h('small', {}, waits),
        ...(isNow ? [] : [h('small', { class: 'then' }, 'as it was then; now it is '), badge(latest.status)])]);
      put(trouble, troubleOf(moment, actor, command, isNow), title);
      put(buttons, controls.map((name) => {
        const isTaken = latest.allowed.includes(name);
        return h('button', { class: isTaken ? '' : 'unlikely', title: isTaken ? `${name} ${actor}` : `${name}: it would be refused now; press to hear why`, onclick: () => { command(actor, name, isTaken); } }, name);
      }), title);
    },
    family(face, children) {
      const all = Object.entries(children).toSorted(([, a], [, b]) => b - a).map(([child]) => h('span', {}, '↳ ', actorLink(child)));
      put(more, [h('summary', {}, `${all.length - childrenShown} more children`), ...all.slice(childrenShown)], title);
      put(family, [...(face?.parent === undefined ? [] : [h('span', {}, 'part of ', actorLink(face.parent))]), ...all.slice(0, childrenShown), ...(all.length > childrenShown ? [more] : [])], title);
    },
  };
}
