import type { AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { canonicalJson, settled } from './canonical.ts';
import type { Definition } from './definition.ts';
import { TerminalError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import type { Snapshot } from './state.ts';
import { asked, type Asked } from './xstate-asked.ts';
import { compiled, type Compiled } from './xstate-compile.ts';
import { initEvent } from './xstate-memo.ts';
import { normalised } from './xstate-normal.ts';
import type { RawAction, Who } from './xstate-scope.ts';

/*
 * The port to XState 5.33. This file and its neighbours `xstate-*.ts` know XState's inside; nothing else does.
 */

export interface Stepped {
  readonly snapshot: Snapshot;
  readonly asked: readonly Asked[];
}

const live = (snapshot: Snapshot): AnyMachineSnapshot => snapshot as unknown as AnyMachineSnapshot;
const opaque = (snapshot: AnyMachineSnapshot): Snapshot => snapshot as unknown as Snapshot;

/** The first snapshot. @throws TerminalError `chart_threw`, `endless_transition`, `spawn_in_assign`, `context_not_json`. */
export function initial(definition: Definition, input: Json, who: Who): Stepped {
  const chart = compiled(definition);
  const { memo, machine } = chart;
  const event = { type: initEvent, input };
  const recalled = memo === undefined ? undefined : chart.scope.run(who, undefined, (scope) => memo.recallFirst(scope, machine, event)).result;
  if (recalled !== undefined) return told(chart, undefined, recalled.next, recalled.actions);
  const work = (): { result: AnyMachineSnapshot; actions: readonly RawAction[] } => chart.scope.run(who, undefined, (scope) => machine.getInitialSnapshot(scope, input));
  const { result: { result, actions }, keep } = attempt(definition, initEvent, () => (memo === undefined ? { result: work(), keep: undefined } : memo.watchFirst(machine, event, work)));
  // XState reports an exception of the first step as a status, and throws those of later ones.
  if (result.status === 'error') throw chartError(definition, initEvent, result.error);
  const stepped = finish(chart, undefined, result, actions);
  keep?.(live(stepped.snapshot));
  return stepped;
}

/** One macrostep, pure: neither `snapshot` nor anything else is changed. @throws as {@link initial}. */
export function step(definition: Definition, snapshot: Snapshot, event: AnyEventObject, who: Who): Stepped {
  const chart = compiled(definition);
  const before = live(snapshot);
  const { memo } = chart;
  const recalled = memo === undefined ? undefined : chart.scope.run(who, before, (scope) => memo.recall(scope, before, event)).result;
  if (recalled !== undefined) return told(chart, before, recalled.next, recalled.actions);
  const work = (): { result: AnyMachineSnapshot; actions: readonly RawAction[] } => chart.scope.run(who, before, (scope) => chart.machine.transition(before, event, scope));
  const { result: { result, actions }, keep } = attempt(definition, event.type, () => (memo === undefined ? { result: work(), keep: undefined } : memo.watch(before, event, work)));
  const stepped = finish(chart, before, result, actions);
  keep?.(live(stepped.snapshot));
  return stepped;
}

function attempt<T>(definition: Definition, event: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw chartError(definition, event, error);
  }
}

function finish(chart: Compiled, before: AnyMachineSnapshot | undefined, next: AnyMachineSnapshot, actions: readonly RawAction[]): Stepped {
  if (next.children !== before?.children) refuseSilentSpawns(before, next, actions);
  return told(chart, before, next, actions);
}

function told(chart: Compiled, before: AnyMachineSnapshot | undefined, next: AnyMachineSnapshot, actions: readonly RawAction[]): Stepped {
  if (next === before && actions.length === 0) return { snapshot: opaque(next), asked: [] };
  return { snapshot: opaque(normalised(next, before)), asked: asked(actions, chart.scope.self, chart.actions) };
}

/** A `spawn` inside assign asks for nothing; it only shows as a child nobody asked for. */
function refuseSilentSpawns(before: AnyMachineSnapshot | undefined, next: AnyMachineSnapshot, actions: readonly RawAction[]): void {
  for (const [id, child] of Object.entries(next.children)) {
    if (child === undefined || child === before?.children[id]) continue;
    if (actions.some(({ type, params }) => type === 'xstate.spawnChild' && (params as { actorRef?: unknown }).actorRef === child)) continue;
    throw new TerminalError('spawn_in_assign', `"${id}" was spawned inside assign or the context, which cannot be made durable`, {
      hint: 'invoke it, or use the action spawnChild(name, { id })',
    });
  }
}

function chartError(definition: Definition, event: string, error: unknown): TerminalError {
  if (error instanceof TerminalError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { name } = definition.stamp;
  if (message.startsWith('Infinite loop detected')) {
    return new TerminalError('endless_transition', `the chart "${name}" never comes to rest on "${event}"`, {
      cause: error, hint: 'an always or raised event leads in a circle; give it a guard that ends it, or raise options.maxIterations',
    });
  }
  return new TerminalError('chart_threw', `the chart "${name}" threw on "${event}": ${message}`, {
    cause: error, hint: 'guards, assigns and inputs must not throw; to address another actor use actorRef("<type>/<id>")',
  });
}

/** Would the chart take this event now? Guards are evaluated. @throws TerminalError `chart_threw`. */
export function can(definition: Definition, snapshot: Snapshot, event: AnyEventObject): boolean {
  try {
    return live(snapshot).can(event);
  } catch (error) {
    throw chartError(definition, event.type, error);
  }
}

/** Names of the events the active states have transitions for, guards not evaluated; none of XState's own, no wildcards. */
export function nextEvents(snapshot: Snapshot): readonly string[] {
  return eventsIn(live(snapshot)._nodes);
}

/** Names of the events that active states with this tag have transitions for themselves. */
export function eventsOf(snapshot: Snapshot, tag: string): readonly string[] {
  return eventsIn(live(snapshot)._nodes.filter(({ tags }) => tags.includes(tag)));
}

/** Names of the events that somebody outside is waited for with: active states below the root have transitions for them, the root has none, and nothing runs there. */
export function awaitedEvents(snapshot: Snapshot): readonly string[] {
  const nodes = live(snapshot)._nodes;
  const own = new Set(nodes.filter(({ parent }) => parent === undefined).flatMap(({ ownEvents }) => ownEvents as string[]));
  const branches = nodes.filter(({ states }) => Object.keys(states).length === 0).map(belowRoot).filter((branch) => branch.every(({ invoke }) => invoke.length === 0));
  return eventsIn([...new Set(branches.flat())]).filter((name) => !own.has(name));
}

type Nodes = AnyMachineSnapshot['_nodes'];
const belowRoot = (node: Nodes[number]): Nodes => (node.parent === undefined ? [] : [node, ...belowRoot(node.parent)]);

const eventsIn = (nodes: AnyMachineSnapshot['_nodes']): readonly string[] =>
  [...new Set(nodes.flatMap((node) => node.ownEvents as string[]))].filter((name) => !name.startsWith('xstate.') && !name.includes('*')).sort();

export const statusIn = (snapshot: Snapshot): 'active' | 'done' | 'error' | 'stopped' => live(snapshot).status;
export const valueIn = (snapshot: Snapshot): Json => live(snapshot).value as Json;
export const tagsIn = (snapshot: Snapshot): readonly string[] => [...live(snapshot).tags];
export const contextIn = (snapshot: Snapshot): Json => live(snapshot).context as Json;
export const errorIn = (snapshot: Snapshot): unknown => live(snapshot).error;
/** @throws TerminalError `output_not_json`. */
export const outputIn = (snapshot: Snapshot): Json => settled(live(snapshot).output ?? null, 'output_not_json', 'the output');

/** XState's persisted form. The context is kept out of its hands: it takes some plain objects for actor references. */
export function persist(snapshot: Snapshot): JsonObject {
  const { context, machine } = live(snapshot);
  const persisted = machine.getPersistedSnapshot({ ...live(snapshot), context: {} });
  return settled({ ...persisted, context }, 'bad_snapshot', 'the snapshot') as JsonObject;
}

/** @throws TerminalError `bad_snapshot` when it names what the chart does not have. */
export function restore(definition: Definition, json: Json, who: Who): Snapshot {
  const chart = compiled(definition);
  const context = settled((json as JsonObject | null)?.context ?? null, 'bad_snapshot', 'the context');
  let snapshot: AnyMachineSnapshot;
  try {
    const { result } = chart.scope.run(who, undefined, (scope) =>
      chart.machine.restoreSnapshot({ ...(json as object), context: {} } as unknown as Parameters<typeof chart.machine.restoreSnapshot>[0], scope as never));
    snapshot = normalised({ ...result, context } as AnyMachineSnapshot, { ...result, context } as AnyMachineSnapshot);
  } catch (error) {
    throw badSnapshot(definition, error instanceof Error ? error.message : String(error), error);
  }
  // XState drops children and history it does not know without a word.
  if (canonicalJson(persist(opaque(snapshot))) !== canonicalJson(json)) {
    throw badSnapshot(definition, 'it names states, children or history the chart does not have');
  }
  return opaque(snapshot);
}

const badSnapshot = (definition: Definition, why: string, cause?: unknown): TerminalError =>
  new TerminalError('bad_snapshot', `a snapshot does not fit the chart "${definition.stamp.name}": ${why}`, {
    cause, hint: 'drop the stored snapshot; the log folds to the same state',
  });
