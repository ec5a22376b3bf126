import { list } from '../../kernel/xstate-nodes.ts';
import { delayText } from './delays.ts';
import { nodeTransitions, type ChartNode, type NodeTransition } from './nodes.ts';
import { actionText, guardText } from './words.ts';

/** What sets a transition off. `text` is how people read it. */
export interface Trigger {
  readonly kind: 'event' | 'any' | 'always' | 'after' | 'done' | 'failed' | 'changed' | 'finished' | 'default';
  /** The event, the delay's name, or the invoke's id; null where there is none. */
  readonly name: string | null;
  /** Milliseconds, of a delay that is a number. */
  readonly ms: number | null;
  readonly text: string;
}

export interface ChartTransition {
  /** `<source>:<place among the transitions of its source>`. */
  readonly id: string;
  readonly source: string;
  /** Empty: it stays where it is and only acts. */
  readonly targets: readonly string[];
  readonly trigger: Trigger;
  readonly guard: string | null;
  readonly actions: readonly string[];
  /** Leaves and enters its source again, also when the target lies inside. */
  readonly reenter: boolean;
  readonly description: string | null;
}

export const transitionId = (source: string, index: number): string => `${source}:${index}`;

/** Every transition written in this state, in the order XState tries them; of a history state the default. */
export function transitionsFrom(node: ChartNode): readonly ChartTransition[] {
  if (node.type === 'history') return historyDefault(node);
  const all = nodeTransitions(node);
  return all.map((transition, index) => ({
    id: transitionId(node.id, index),
    source: node.id,
    targets: (transition.target ?? []).map(({ id }) => id),
    trigger: triggerOf(node, transition, all[index - 1]?.eventType === ''),
    guard: transition.guard === undefined ? null : guardText(transition.guard),
    actions: transition.actions.map(actionText),
    reenter: transition.reenter,
    description: transition.description ?? null,
  }));
}

function triggerOf(node: ChartNode, { eventType, delay, guard }: NodeTransition, isFurther: boolean): Trigger {
  const trigger = (kind: Trigger['kind'], name: string | null, text: string, ms: number | null = null): Trigger => ({ kind, name, ms, text });
  if (eventType === '') return trigger('always', null, isFurther && guard === undefined ? 'otherwise' : 'always');
  if (eventType === '*') return trigger('any', '*', 'any other');
  if (delay !== undefined) return trigger('after', String(delay), `after ${delayText(delay)}`, typeof delay === 'number' ? delay : null);
  if (eventType === `xstate.done.state.${node.id}`) return trigger('finished', null, 'done');
  const ended = /^xstate\.(done\.actor|error\.actor|snapshot|child\.stopped|child\.resumed)\.(.*)$/s.exec(eventType);
  const invoke = ended?.[2] ?? '';
  switch (ended?.[1]) {
    case 'done.actor': return trigger('done', invoke, `${invoke} done`);
    case 'error.actor': return trigger('failed', invoke, `${invoke} failed`);
    case 'child.stopped': return trigger('changed', invoke, `${invoke} stopped`);
    case 'child.resumed': return trigger('changed', invoke, `${invoke} goes on`);
    case 'snapshot': return trigger('changed', invoke, `${invoke} changed`);
    default: return trigger('event', eventType, eventType);
  }
}

/** Where a history state leads when there is no history yet. */
function historyDefault(node: ChartNode): readonly ChartTransition[] {
  const targets = list(node.config.target).map((path) => stateAt(node, String(path)));
  return targets.length === 0 ? [] : [{
    id: transitionId(node.id, 0), source: node.id, targets, guard: null, actions: [], reenter: false, description: null,
    trigger: { kind: 'default', name: null, ms: null, text: 'at first' },
  }];
}

/** A history's target is written as seen from its parent, or as an id. */
function stateAt(node: ChartNode, path: string): string {
  if (path.startsWith('#')) return path.slice(1);
  let at = node.parent;
  for (const key of path.replace(/^\./, '').split('.')) at = at?.states[key];
  return at?.id ?? path;
}
