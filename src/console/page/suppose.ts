import { reasonIn } from '../../projections/reason.ts';
import type { JsonObject, Supposed, ShownMoment } from '../protocol.ts';
import { dueText, timerWords } from '../../projections/chart/timer-words.ts';
import { h } from './dom.ts';
import type { Live, Refusal } from './live.ts';
import { peoples, stateWords } from './words.ts';

/** "What if": a choice of what might come next, its data to be changed, and what would become of it. */
export interface SupposePane {
  readonly element: HTMLElement;
  /** The moment it is asked from. */
  at(seq: number): void;
}

/** In words: `stop`, `compile fails`, `the next attempt of compile is due`. */
function wordsOf({ type, data = {} }: Supposed, actorType: string): string {
  const named = ['activity', 'child', 'timer'].map((key) => data[key]).find((name) => typeof name === 'string');
  if (typeof named !== 'string') return type;
  return type === 'timer.fired' ? dueText(named, actorType) : `${named} ${type.endsWith('.failed') ? 'fails' : 'is done'}`;
}

/** It says why it came to this. */
const badly: readonly string[] = ['undoing', 'failed', 'blocked'];

/** What people may ask for first, then how what goes on may end, then what programs send. */
const rank = ({ type }: Supposed): number => (peoples.includes(type) ? 0 : type.includes('.') ? 1 : 2);

/** What it would ask the world for, in words; nothing of what only its family hears. */
function effectText(effect: ShownMoment['effects'][number], actorType: string): readonly string[] {
  switch (effect.kind) {
    case 'activity.start': return [`run ${effect.activity}`];
    case 'activity.abort': return [`end ${effect.activity}`];
    case 'child.start': return [`begin ${effect.child} as ${effect.actor}`];
    case 'child.stop': return [`end ${effect.child}`];
    case 'timer.set': return [`wait for ${timerWords(effect.timer, actorType)}`];
    case 'timer.cancel': return [`no longer wait for ${timerWords(effect.timer, actorType)}`];
    case 'command.send': return [`send ${effect.command} to ${effect.to}`];
    case 'action.run': return [`do ${effect.action}`];
    default: return [];
  }
}

/** `shown` gets where the chart would be. What was typed or chosen stays, as far as it can, while the moment moves on. */
export function supposePane(live: Live, actor: string, shown: (moment: ShownMoment) => void): SupposePane {
  const actorType = actor.slice(0, actor.indexOf('/'));
  let seq = 0;
  let choices: readonly Supposed[] = [];
  /** By its words, which are the same at the next moment. */
  let chosen: string | undefined;
  let isTyped = false;
  const data = h('textarea', { rows: 3, spellcheck: 'false', 'aria-label': 'Data of what is supposed, JSON', oninput: () => { isTyped = true; } });
  const fill = (): void => { if (!isTyped) data.value = JSON.stringify(choices[Number(what.value)]?.data ?? {}, null, 1); };
  const what = h('select', { 'aria-label': 'What if', onchange: () => {
    chosen = what.selectedOptions[0]?.textContent ?? undefined;
    isTyped = false;
    told.textContent = '';
    fill();
  } });
  const told = h('p', { class: 'told', 'aria-live': 'polite' });
  const suppose = h('button', { onclick: () => { tryIt(); } }, 'try');
  const none = h('small', {}, 'nothing more can come');
  // Of a machine that is not known here nothing can be supposed: the page says so, and there is nothing to press.
  const element = h('section', { class: 'suppose', 'aria-label': 'What if', hidden: true }, h('div', { class: 'tools' }, h('label', {}, 'what if ', what), suppose, none),
    h('details', {}, h('summary', {}, 'with other data'), data), told);

  function tryIt(): void {
    const supposed = choices[Number(what.value)];
    if (supposed === undefined) return;
    let given: JsonObject;
    try {
      given = JSON.parse(data.value) as JsonObject;
    } catch (error) {
      told.textContent = `The data is not JSON: ${(error as Error).message}`;
      return;
    }
    const { type, at: when } = supposed;
    live.ask('actor.what-if', { actor, seq, type, data: given, ...(when === undefined ? {} : { at: when }) }).then((tried) => {
      if (!tried.accepted) {
        const others = tried.allowed.length === 0 ? '' : ` It would take: ${tried.allowed.join(', ')}.`;
        told.textContent = `It would be refused: ${tried.reason.replace(/\.$/, '')}.${others}`;
        return;
      }
      const { status, value, effects, context, blocked } = tried.moment;
      const why = badly.includes(status) ? blocked?.reason ?? reasonIn(context) : undefined;
      const wants = effects.flatMap((effect) => effectText(effect, actorType));
      told.textContent = `It would be ${status}${stateWords(value) === '' ? '' : `: ${stateWords(value)}`}${why === undefined ? '' : `, because: ${why.replace(/\.$/, '')}`}. It would ${wants.length === 0 ? 'ask for nothing' : wants.join(', ')}. Nothing was done.`;
      shown(tried.moment);
    }, (error: Refusal) => { told.textContent = `${error.message} ${error.hint ?? ''}`; });
  }
  return { element, at(now) {
    if (now !== seq) told.textContent = '';
    seq = now;
    live.ask('actor.choices', { actor, seq: now }).then((possible) => {
      if (now !== seq) return;
      element.hidden = false;
      choices = possible.toSorted((a, b) => rank(a) - rank(b));
      const words = choices.map((one) => wordsOf(one, actorType));
      // Drawn anew only when it differs: a list that is open must not close under the hand.
      if (words.join('\n') !== [...what.options].map(({ textContent }) => textContent).join('\n')) {
        const stays = chosen === undefined ? -1 : words.indexOf(chosen);
        if (chosen !== undefined && stays < 0) [chosen, isTyped] = [undefined, false];
        what.replaceChildren(...words.map((text, place) => h('option', { value: place }, text)));
        what.value = String(Math.max(0, stays));
      }
      suppose.disabled = what.disabled = data.disabled = possible.length === 0;
      none.hidden = possible.length > 0;
      fill();
    }, (error: Refusal) => {
      if (now !== seq) return;
      // The link may be away for a while, and the choices stay; without any there is nothing to try.
      if (choices.length > 0) return;
      element.hidden = false;
      none.hidden = suppose.disabled = what.disabled = data.disabled = true;
      told.textContent = `What may come cannot be said: ${error.message}.`;
    });
  } };
}
