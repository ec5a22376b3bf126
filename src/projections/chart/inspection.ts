import type { Definition } from '../../kernel/definition.ts';
import { evolve } from '../../kernel/evolve.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { meaningOf } from '../../kernel/meaning.ts';
import type { LogRecord } from '../../kernel/record.ts';
import type { ActorState } from '../../kernel/state.ts';
import { contextOf, outputOf, valueOf } from '../../kernel/status.ts';
import { statusIn, tagsIn } from '../../kernel/xstate.ts';
import { exportConfig } from './export.ts';
import { redactJson } from '../../kernel/redact-json.ts';

/** The version of the protocol of `@statelyai/inspect` that is spoken; a receiver takes no message without one. */
const protocol = '0.7.2';

interface Base {
  /** The actor's name. */
  readonly sessionId: string;
  /** The outermost parent's name; the actor's own when it has none. */
  readonly rootId: string;
  /** Milliseconds since the epoch, as a string: the record's time. */
  readonly createdAt: string;
  readonly id: string;
  readonly _version: string;
}

/** What the inspector shows of a state. Plain JSON, without secrets. */
export interface InspectedSnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  readonly value: Json;
  readonly context: Json;
  readonly output: Json;
  readonly tags: readonly string[];
  readonly children: JsonObject;
  readonly historyValue: JsonObject;
}

/** A message of the protocol of `@statelyai/inspect` 0.7. */
export type InspectionMessage =
  | Base & { readonly type: '@xstate.actor'; readonly name: string; readonly parentId?: string; /** The machine's config, a JSON string. */ readonly definition: string; readonly snapshot: InspectedSnapshot }
  | Base & { readonly type: '@xstate.event'; readonly event: JsonObject & { readonly type: string }; readonly sourceId?: string }
  | Base & { readonly type: '@xstate.snapshot'; readonly event: JsonObject & { readonly type: string }; readonly snapshot: InspectedSnapshot };

/** Folds records of many actors of known machines into what an inspector is told. */
export interface Inspection {
  /** None for a record of a machine that is not known, or that cannot be folded; `onSkip` hears of it, once for each actor. */
  add(record: LogRecord): readonly InspectionMessage[];
}

interface Followed {
  readonly state: ActorState;
  readonly rootId: string;
}

/** State is recomputed by the same kernel that ran the actor; secrets are left out. */
export function inspection(definitions: readonly Definition[], onSkip: (actor: string, why: string) => void = () => undefined): Inspection {
  const byName = new Map(definitions.map((definition) => [definition.stamp.name, definition]));
  const texts = new Map<string, string>();
  const followed = new Map<string, Followed>();
  const skipped = new Set<string>();

  const textOf = (definition: Definition): string => {
    const known = texts.get(definition.stamp.name);
    const text = known ?? JSON.stringify(redactJson(exportConfig(definition.machine), false));
    texts.set(definition.stamp.name, text);
    return text;
  };
  const skip = (actor: string, why: string): readonly InspectionMessage[] => {
    skipped.add(actor);
    followed.delete(actor);
    onSkip(actor, why);
    return [];
  };

  return {
    add(record) {
      const { actor, seq, machine } = record;
      if (skipped.has(actor)) return [];
      const definition = byName.get(machine.name);
      if (definition === undefined) return skip(actor, `the machine "${machine.name}" is not known here`);
      const before = followed.get(actor);
      try {
        const { event } = before === undefined ? { event: { type: 'xstate.init', input: record.data.input ?? null } } : meaningOf(definition, before.state, record);
        const { state } = evolve(definition, before?.state, record);
        const parentId = state.parent?.actor;
        const rootId = before?.rootId ?? (parentId === undefined ? actor : (followed.get(parentId)?.rootId ?? parentId));
        followed.set(actor, { state, rootId });
        const base = (part: string): Base => ({ sessionId: actor, rootId, createdAt: String(record.at), id: `${actor}#${seq}:${part}`, _version: protocol });
        const snapshot = snapshotOf(state);
        // A timer that only sends means no event for the chart.
        const told = redactJson(event ?? { type: record.type }) as JsonObject & { readonly type: string };
        const source = sourceOf(record, before?.state);
        return [
          ...(before === undefined ? [{ type: '@xstate.actor' as const, ...base('actor'), name: actor, ...(parentId === undefined ? {} : { parentId }), definition: textOf(definition), snapshot }] : []),
          { type: '@xstate.event', ...base('event'), event: told, ...(source === undefined ? {} : { sourceId: source }) },
          { type: '@xstate.snapshot', ...base('snapshot'), event: told, snapshot },
        ];
      } catch (error) {
        return skip(actor, error instanceof Error ? error.message : String(error));
      }
    },
  };
}

/** Who sent it, when that is an actor: a child that ended, or the parent that made it. */
function sourceOf({ type, data }: LogRecord, before: ActorState | undefined): string | undefined {
  if (type === 'actor.created') return (data.parent as { actor?: string } | undefined)?.actor;
  if (!type.startsWith('child.')) return undefined;
  return Object.entries(before?.children ?? {}).find(([effect]) => effect === data.effect)?.[1].actor;
}

function snapshotOf(state: ActorState): InspectedSnapshot {
  const status = statusIn(state.snapshot);
  return {
    status, value: valueOf(state), context: redactJson(contextOf(state)), output: status === 'done' ? redactJson(outputOf(state)) : null,
    tags: tagsIn(state.snapshot), children: {}, historyValue: {},
  };
}
