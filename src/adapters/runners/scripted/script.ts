import { TerminalError } from '../../../kernel/errors.ts';
import type { Change, Metadata } from '../../../machines/run/runner.ts';

/** What one call is answered with. A word that begins with `!` is an error. */
export interface Step {
  readonly word: string;
  /** What stands in brackets; empty when nothing does. */
  readonly about: string;
  /** So many calls in a row get this answer. */
  readonly times: number;
  /** The answer takes so long, ms. */
  readonly afterMs: number;
}

/** What a script has a say in, and the words it may use there. */
const words = {
  trigger: ['ok', 'lost'],
  status: ['unknown', 'accepted', 'running', 'succeeded', 'failed', 'cancelled'],
  cancel: ['ok', 'slow', 'ignore'],
  stop: ['ok'],
  start: ['ok', 'stale', 'late'],
} as const;

export type Section = keyof typeof words;
export type Script = Readonly<Record<Section, readonly Step[]>>;

const usual: Readonly<Record<Section, string>> = { trigger: 'ok', status: 'accepted,running,succeeded', cancel: 'ok', stop: 'ok', start: 'ok' };

/** The script of a request: in the first change whose URI begins with `script:`, else in `metadata.script`. */
export function scriptOf({ base, head, metadata }: { readonly base: readonly Change[]; readonly head: readonly Change[]; readonly metadata: Metadata }): Script {
  const change = [...head, ...base].find(({ uri }) => uri.startsWith('script:'));
  return parseScript(change === undefined ? (metadata.script ?? '') : change.uri.slice('script:'.length));
}

/**
 * Steps with commas between them, one a call, the last one for ever; sections with semicolons between
 * them, `status` where none is named: `trigger=!502,ok;accepted*2,running(40 compiling)*3,succeeded`.
 * @throws TerminalError `bad_metadata`.
 */
export function parseScript(text: string): Script {
  const given = text.split(';').filter((part) => part.trim() !== '').map((part) => {
    const [, name = 'status', steps = ''] = /^(?:\s*(\w+)\s*=)?(.*)$/s.exec(part) ?? [];
    return [name, steps] as const;
  });
  const stranger = given.find(([name]) => !Object.hasOwn(words, name));
  if (stranger !== undefined) throw bad(`a script has no section "${stranger[0]}"`, `name one of ${Object.keys(words).join(', ')}`);
  const texts: Readonly<Record<Section, string>> = { ...usual, ...Object.fromEntries(given) };
  const steps = (section: Section): readonly Step[] => texts[section].split(/,(?![^(]*\))/).map((step) => parseStep(step.trim(), words[section]));
  return { trigger: steps('trigger'), status: steps('status'), cancel: steps('cancel'), stop: steps('stop'), start: steps('start') };
}

function parseStep(text: string, known: readonly string[]): Step {
  const [, word = '', about = '', ms = '0', times = '1'] = /^(!?\w+)(?:\(([^()]*)\))?(?:@(\d+))?(?:\*(\d+))?$/.exec(text) ?? [];
  const isError = /^!(?:[45]\d\d|retry|terminal)$/.test(word);
  if ((!isError && !known.includes(word)) || Number(times) < 1) {
    throw bad(`${JSON.stringify(text)} is no step of a script`, `write word(about)@ms*times with one of ${known.join(', ')}, !502, !retry(code or seconds), !terminal(code)`);
  }
  return { word, about, times: Number(times), afterMs: Number(ms) };
}

const bad = (message: string, hint: string): TerminalError => new TerminalError('bad_metadata', message, { hint });

/** The answer to call number `call`, from 0. */
export function stepAt(steps: readonly Step[], call: number): Step {
  let end = 0;
  const found = steps.find(({ times }) => (end += times) > call) ?? steps.at(-1);
  if (found === undefined) throw bad('a section of a script has no steps', 'leave the section out, or give it a step');
  return found;
}
