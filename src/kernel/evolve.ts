import { settled } from './canonical.ts';
import type { Definition } from './definition.ts';
import { draftFor, put, type Draft, type Turn, type Work } from './draft.ts';
import { endAll } from './draft-running.ts';
import type { Effect, Outcome } from './effect.ts';
import { take } from './effects.ts';
import type { Failure } from './errors.ts';
import type { FactData, LogRecord, ParentRef } from './record.ts';
import { requireNext } from './sequence.ts';
import type { ActorState, News, Snapshot } from './state.ts';
import { Taken } from './taken.ts';
import { meaningOf } from './meaning.ts';
import { newsOf } from './news.ts';
import { errorIn, initial, outputIn, statusIn, step, type Stepped } from './xstate.ts';

export interface Evolved {
  readonly state: ActorState;
  readonly effects: readonly Effect[];
}

const nothing: Work = { activities: {}, timers: {}, children: {} };

/**
 * Fold one record: the next state, and what the record asks of the world. Pure and deterministic. A record
 * that cannot be folded changes nothing.
 * @throws TerminalError `wrong_actor`, `wrong_seq`, `definition_differs`, `not_created`, `already_created`,
 * `actor_ended`, `unknown_record`, `stale_effect`, `already_taken`, `command_refused`; and what a chart can get wrong:
 * `chart_threw`, `endless_transition`, `spawn_in_assign`, `context_not_json`, `output_not_json`,
 * `input_not_json`, `event_not_json`, `params_not_json`, `data_not_json`, `bad_delay`, `bad_event_name`,
 * `bad_actor_name`, `bad_send_target`, `bad_invoke_id`, `inline_action`, `inline_logic`, `missing_activity`.
 */
export function evolve(definition: Definition, state: ActorState | undefined, record: LogRecord): Evolved {
  requireNext(definition, state, record);
  return state === undefined ? create(definition, record) : advance(definition, state, record);
}

function create(definition: Definition, record: LogRecord): Evolved {
  const { input, parent } = settled(record.data, 'data_not_json', 'the data of actor.created') as unknown as FactData['actor.created'];
  const stepped = initial(definition, input ?? null, { actor: record.actor, parent: parent?.actor, at: record.at, cause: record.cause });
  return concluded(definition, undefined, record, parent, stepped, draftFor(turnOf(definition, record, parent), nothing));
}

function advance(definition: Definition, state: ActorState, record: LogRecord): Evolved {
  const meaning = meaningOf(definition, state, record);
  const { parent } = state;
  const draft = draftFor(turnOf(definition, record, parent), meaning.work);
  if (meaning.send !== undefined) put(draft, { kind: 'command.send', ...meaning.send });
  const stepped: Stepped = meaning.event === undefined
    ? { snapshot: state.snapshot, asked: [] }
    : step(definition, state.snapshot, meaning.event, { actor: state.actor, parent: parent?.actor, at: record.at, cause: record.cause });
  return concluded(definition, state, record, parent, stepped, draft);
}

const turnOf = (definition: Definition, { actor, seq, at }: LogRecord, parent: ParentRef | undefined): Turn =>
  ({ definition, actor, seq, at, parent: parent?.actor });

function concluded(
  definition: Definition, before: ActorState | undefined, record: LogRecord, parent: ParentRef | undefined, { snapshot, asked }: Stepped, draft: Draft,
): Evolved {
  for (const one of asked) take(draft, one);
  if (statusIn(snapshot) !== 'active') end(draft, snapshot, parent);
  const { actor, seq, at, cause, chain } = record;
  const isCommand = before === undefined || !record.type.includes('.');
  const state: ActorState = {
    actor, machine: definition.stamp, writtenBy: record.machine, seq, at, createdAt: before?.createdAt ?? at, chain, parent, snapshot, ...draft.work,
    taken: isCommand ? (before?.taken ?? Taken.none).with(cause, seq) : (before?.taken ?? Taken.none),
  };
  if (parent !== undefined) tellNews(draft, parent, newsOf(definition, before, state));
  return { state, effects: draft.effects };
}

function tellNews(draft: Draft, { actor, effect }: ParentRef, news: News | undefined): void {
  if (news !== undefined) put(draft, { kind: 'parent.note', parent: actor, effect, news });
}

function end(draft: Draft, snapshot: Snapshot, parent: ParentRef | undefined): void {
  endAll(draft);
  const outcome = outcomeOf(snapshot);
  if (parent !== undefined) put(draft, { kind: 'parent.tell', parent: parent.actor, effect: parent.effect, outcome });
}

function outcomeOf(snapshot: Snapshot): Outcome {
  if (statusIn(snapshot) === 'done') return { ok: true, output: outputIn(snapshot) };
  return { ok: false, error: failureIn(errorIn(snapshot)) };
}

/** A chart fails with the failure it did not handle. */
function failureIn(error: unknown): Failure {
  const { name, code, message, retryable, hint } = (error ?? {}) as Partial<Failure>;
  return {
    name: name ?? 'TerminalError', code: code ?? 'chart_failed', message: message ?? 'the chart failed',
    retryable: retryable ?? false, ...(hint === undefined ? {} : { hint }),
  };
}

