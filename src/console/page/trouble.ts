import type { ShownMoment } from '../protocol.ts';
import { actorLink, h } from './dom.ts';
import { failedAt, type Steps } from './failed-at.ts';

interface Failure {
  readonly message?: unknown;
  readonly hint?: unknown;
}

/** What a saga or a run says of its own trouble in its context. */
interface Told {
  readonly error?: Failure | null;
  readonly blocked?: { readonly error?: Failure; readonly remaining?: readonly string[] } | null;
  readonly ended?: { readonly reason?: unknown; readonly hint?: unknown } | null;
  readonly undone?: readonly string[];
  readonly steps?: Steps['steps'];
}

/** What each way out of a blockage means. */
const means: Readonly<Record<string, string>> = { 'retry-undo': 'tries again, once the cause is gone', abandon: 'leaves what is not undone as it is, for good' };

/** What went wrong and what helps, in words; nothing when all is well. `command` is done by a button for it. */
export function troubleOf({ status, context, blocked }: ShownMoment, actor: string, command: (actor: string, name: string) => void, isNow: boolean): readonly HTMLElement[] {
  const { error, blocked: stuck, ended, undone = [], steps = {} } = (context ?? {}) as Told;
  if (blocked !== undefined) {
    const hint = textOf(stuck?.error?.hint);
    return [h('section', { class: 'trouble', 'aria-label': 'What is wrong' },
      h('p', {}, ...(blocked.actor === actor ? [] : [actorLink(blocked.actor), ': ']), h('strong', {}, blocked.reason)),
      ...(hint === undefined ? [] : [h('p', {}, hint)]),
      ...(stuck?.remaining === undefined ? [] : [h('p', {}, h('small', {}, `Still to be undone: ${stuck.remaining.join(', ')}.`))]),
      ...(isNow ? [h('p', { class: 'ways' }, ...blocked.commands.toSorted((a, b) => Number(a === 'abandon') - Number(b === 'abandon')).flatMap((name) => [
        h('button', { class: name === 'abandon' ? 'grave' : '', onclick: () => { command(blocked.actor, name); } }, name), h('small', {}, ` ${means[name] ?? ''}`)]))] : []))];
  }
  const reason = textOf(error?.message) ?? (status === 'completed' ? undefined : textOf(ended?.reason));
  if (reason === undefined) return [];
  const hint = textOf(error?.hint) ?? textOf(ended?.hint);
  const left = Object.entries(steps).filter(([, one]) => one.status === 'left').map(([name]) => name);
  const at = failedAt({ steps, error });
  const was = [...(at === undefined ? [] : [at]), ...(undone.length > 0 ? [`Undone: ${undone.join(', ')}.`] : []), ...(left.length > 0 ? [`Left as it is: ${left.join(', ')}.`] : [])].join(' ');
  return [h('section', { class: 'trouble', 'aria-label': 'What is wrong' }, h('p', {}, h('strong', {}, reason)), ...(hint === undefined ? [] : [h('p', {}, ...hinted(hint))]), ...(was === '' ? [] : [h('p', {}, h('small', {}, was))]))];
}

/** A hint written for the command line: what the output says stands on this very page. */
function hinted(hint: string): readonly (string | Node)[] {
  const [, before, after = ''] = /^(.*?):? millrace logs\b\.?(.*)$/.exec(hint) ?? [];
  return before === undefined ? [hint] : [`${before}: `, h('button', { onclick: showOutput }, 'show the output'), after];
}

/** A link with a hash would be another page. */
function showOutput(): void {
  const output = document.querySelector<HTMLElement>('.output');
  output?.scrollIntoView({ block: 'center' });
  output?.focus({ preventScroll: true });
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
