import type { Definition } from '../../src/kernel/definition.ts';
import type { Effect } from '../../src/kernel/effect.ts';
import { evolve } from '../../src/kernel/evolve.ts';
import type { ActorName, EffectId, LogRecord } from '../../src/kernel/record.ts';
import type { ActorState } from '../../src/kernel/state.ts';
import { statusIn } from '../../src/kernel/xstate.ts';
import type { Broker } from './broker.ts';

/** One actor as its stored log tells it, whatever the hosts believe. */
export interface Story {
  readonly actor: ActorName;
  readonly definition: Definition;
  readonly records: LogRecord[];
  state: ActorState | undefined;
  /** Everything the log ever asked for. */
  readonly effects: Map<EffectId, Effect>;
  /** Records that speak of an effect that was not running. */
  readonly stale: string[];
  /** Records after the end. */
  readonly afterEnd: string[];
  /** Why the log cannot be folded any further. */
  broken: string | undefined;
}

export interface Chronicle {
  of(actor: ActorName): Story | undefined;
  all(): readonly Story[];
}

export function chronicleOf(broker: Broker, definitions: readonly Definition[]): Chronicle {
  const byName = new Map(definitions.map((definition) => [definition.stamp.name, definition]));
  const stories = new Map<ActorName, Story>();
  let seen = 0;
  const catchUp = (): void => {
    for (const record of broker.all().slice(seen)) {
      seen++;
      const definition = byName.get(record.actor.slice(0, record.actor.indexOf('/')));
      if (definition === undefined) throw new Error(`no definition for ${record.actor}`);
      const story = stories.get(record.actor) ?? { actor: record.actor, definition, records: [], state: undefined, effects: new Map(), stale: [], afterEnd: [], broken: undefined };
      stories.set(record.actor, story);
      append(story, record);
    }
  };
  return {
    of(actor) { catchUp(); return stories.get(actor); },
    all() { catchUp(); return [...stories.values()]; },
  };
}

function append(story: Story, record: LogRecord): void {
  const { state } = story;
  story.records.push(record);
  if (story.broken !== undefined) return;
  if (state !== undefined && statusIn(state.snapshot) !== 'active') story.afterEnd.push(`record ${record.seq} "${record.type}"`);
  if (!speaksOfRunning(state, record)) story.stale.push(`record ${record.seq} "${record.type}" speaks of ${JSON.stringify(record.data.effect)}`);
  try {
    const next = evolve(story.definition, state, record);
    story.state = next.state;
    for (const effect of next.effects) story.effects.set(effect.id, effect);
  } catch (error) {
    story.broken = `record ${record.seq} "${record.type}": ${error instanceof Error ? error.message : String(error)}`;
  }
}

function speaksOfRunning(state: ActorState | undefined, { type, data }: LogRecord): boolean {
  const effect = data.effect as EffectId;
  if (type.startsWith('activity.')) return state?.activities[effect] !== undefined;
  if (type === 'timer.fired') return state?.timers[effect] !== undefined;
  return !type.startsWith('child.') || state?.children[effect] !== undefined;
}
