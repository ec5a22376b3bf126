import type { JsonObject, Supposed, ShownMoment } from '../protocol.ts';
import { h, stateText } from './dom.ts';
import type { Live, Refusal } from './live.ts';

/** "What if": a choice of what might come next, its data to be changed, and what would become of it. */
export interface SupposePane {
  readonly element: HTMLElement;
  /** The moment it is asked from. */
  at(seq: number): void;
}

const nameOf = ({ type, data = {} }: Supposed): string => `${type}${['activity', 'child', 'timer'].map((key) => data[key]).filter((name) => typeof name === 'string').map((name) => ` ${name}`).join('')}`;
const effectText = (effect: ShownMoment['effects'][number]): string => `${effect.kind} ${'activity' in effect ? effect.activity : 'timer' in effect ? effect.timer : 'child' in effect ? effect.child : ''}`.trim();

/** `shown` gets where the chart would be. */
export function supposePane(live: Live, actor: string, shown: (moment: ShownMoment) => void): SupposePane {
  let seq = 0;
  let choices: readonly Supposed[] = [];
  const data = h('textarea', { rows: 3, spellcheck: 'false', 'aria-label': 'Data of what is supposed, JSON' });
  const pick = (): void => { data.value = JSON.stringify(choices[Number(what.value)]?.data ?? {}, null, 1); };
  const what = h('select', { 'aria-label': 'What if', onchange: pick });
  const told = h('p', { class: 'told', 'aria-live': 'polite' });
  const suppose = h('button', { onclick: () => { tryIt(); } }, 'try');
  const none = h('small', {}, 'nothing more can come');
  const element = h('section', { class: 'suppose', 'aria-label': 'What if' }, h('div', { class: 'tools' }, h('label', {}, 'what if ', what), suppose, none),
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
        told.textContent = `It would be refused: ${tried.reason}. It would take: ${tried.allowed.join(', ')}`;
        return;
      }
      const { status, value, effects } = tried.moment;
      told.textContent = `It would be ${status} in ${stateText(value)}, and ask for ${effects.length === 0 ? 'nothing' : effects.map(effectText).join(', ')}. Nothing was done.`;
      shown(tried.moment);
    }, (error: Refusal) => { told.textContent = `${error.message} ${error.hint ?? ''}`; });
  }
  return { element, at(now) {
    seq = now;
    told.textContent = '';
    live.ask('actor.choices', { actor, seq: now }).then((possible) => {
      if (now !== seq) return;
      choices = possible;
      what.replaceChildren(...possible.map((one, place) => h('option', { value: place }, nameOf(one))));
      suppose.disabled = what.disabled = data.disabled = possible.length === 0;
      none.hidden = possible.length > 0;
      pick();
    }, () => undefined);
  } };
}
