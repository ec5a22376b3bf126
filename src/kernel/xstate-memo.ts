import type { AnyActorRef, AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { MachineScope, RawAction } from './xstate-scope.ts';

/*
 * XState decides, and what it decided is remembered. What a macrostep of a chart does depends on the active states, the
 * event's type, and what its guards answer, in the order they are asked. So the first time XState is watched: each
 * question and each act is written down as it comes to it. The next time the same questions are asked of what is true
 * then; as long as the answers are known, the same acts are done, and XState is not troubled. What cannot be watched
 * (`enqueueActions`, history, `sendTo`, whatever has no name) is never remembered.
 */

/** What is under way in a remembered step. */
export interface Play {
  readonly scope: MachineScope;
  readonly before: AnyMachineSnapshot;
  readonly event: AnyEventObject;
  context: unknown;
  children: Record<string, AnyActorRef | undefined>;
  output: unknown;
  readonly actions: RawAction[];
}

/** One occurrence of a guard, or of an action, in a chart. `event`: what it is asked about, not always the one that came. */
export type Op =
  | { readonly kind: 'guard'; readonly ask: (play: Play, event: AnyEventObject) => boolean }
  | { readonly kind: 'act'; readonly act: (play: Play, event: AnyEventObject) => void };

interface End {
  readonly kind: 'end';
  /** Nothing happened: the event was ignored. */
  readonly same: boolean;
  readonly status: AnyMachineSnapshot['status'];
  readonly nodes: AnyMachineSnapshot['_nodes'];
  readonly value: unknown;
  readonly tags: ReadonlySet<string>;
  readonly children: string;
}

interface Point {
  readonly kind: 'point';
  readonly op: Op;
  /** undefined: the event that came. */
  readonly event: AnyEventObject | undefined;
  yes: Known | undefined;
  no: Known | undefined;
}

type Known = Point | End;

/** Something else than was foreseen: XState is asked again. */
export class Unforeseen extends Error {}

const unforeseen = new Unforeseen('not foreseen');

/** What one chart has been seen to do. */
export interface Memo {
  /** The next snapshot with its actions, as XState would make them; undefined when it has to be asked. */
  recall(scope: MachineScope, before: AnyMachineSnapshot, event: AnyEventObject): { readonly next: AnyMachineSnapshot; readonly actions: readonly RawAction[] } | undefined;
  /** Watch XState take this step; `keep` is told how it ended, in the form in which it is to be given back. */
  watch<T>(before: AnyMachineSnapshot, event: AnyEventObject, work: () => T): { readonly result: T; readonly keep: (next: AnyMachineSnapshot) => void };
  /** As `recall` and `watch`, for the step that makes the first snapshot. */
  recallFirst(scope: MachineScope, machine: AnyStateMachine, event: AnyEventObject): ReturnType<Memo['recall']>;
  watchFirst<T>(machine: AnyStateMachine, event: AnyEventObject, work: () => T): { readonly result: T; readonly keep: (next: AnyMachineSnapshot) => void };
  readonly watcher: Watcher;
  /** Do `work` with XState alone: nothing is recalled in it, and nothing kept. */
  without<T>(work: () => T): T;
  /** Do `work`, one step; `way` stands for what was recalled, the same whenever the chart goes the same way; undefined when XState was asked. */
  recalling<T>(work: () => T): { readonly result: T; readonly way: object | undefined };
}

/** Told by a wrapped chart what XState comes to. Does nothing while nobody watches. */
export interface Watcher {
  asked(op: Op, event: AnyEventObject, answer: boolean): void;
  /** `executes`: XState hands it to the executor next. */
  did(op: Op, event: AnyEventObject, executes: boolean): void;
  /** The executor got it. */
  executed(action: RawAction, event: AnyEventObject): void;
  /** Something that cannot be remembered. */
  spoil(): void;
}

/** What XState calls the event that makes the first snapshot. */
export const initEvent = 'xstate.init';

const limit = 20_000;
const never = Symbol('never');
type Root = { first: Known | undefined };

export function createMemo(): Memo {
  const byNodes = new WeakMap<readonly unknown[], Map<string, Root | typeof never>>();
  const byKey = new Map<string, Map<string, Root | typeof never>>();
  let size = 0;
  let story: { op: Op; event: AnyEventObject | undefined; answer: boolean }[] | undefined;
  let external: AnyEventObject | undefined;
  let spoilt = false;
  /** What the executor gets next was told of already. */
  let announced = false;
  let asleep = false;
  let recalled: End | undefined;
  const stops = new Map<string, Op>();

  function rootsOf({ _nodes: nodes }: AnyMachineSnapshot): Map<string, Root | typeof never> {
    const known = byNodes.get(nodes);
    if (known !== undefined) return known;
    const key = keyOf(nodes);
    const roots = byKey.get(key) ?? new Map<string, Root | typeof never>();
    byKey.set(key, roots);
    byNodes.set(nodes, roots);
    return roots;
  }

  const note = (op: Op, event: AnyEventObject, answer: boolean): void => {
    if (story === undefined) return;
    // Only the event that came can be another one the next time; what is raised on the way has to say the same. The very
    // first one XState makes itself.
    const came = event === external || event.type === initEvent;
    if (!came && !isFixed(event)) spoilt = true;
    story.push({ op, event: came ? undefined : event, answer });
  };
  const watcher: Watcher = {
    asked: note,
    did(op, event, executes) {
      announced = executes;
      note(op, event, true);
    },
    // An invoke that ends with its state is told of by nobody else; neither is what has no name.
    executed({ type, params }, event) {
      if (story === undefined) return;
      if (announced) {
        announced = false;
        return;
      }
      const id = type === 'xstate.stopChild' ? (params as { id?: unknown } | undefined)?.id : undefined;
      if (typeof id !== 'string') spoilt = true;
      else note(stops.get(id) ?? keepIn(stops, id, stopOp(id)), event, true);
    },
    spoil: () => { spoilt = true; },
  };

  /** Every chart's first snapshot as it was when it was made last, with nothing entered yet. */
  let unborn: AnyMachineSnapshot | undefined;

  function recall(scope: MachineScope, before: AnyMachineSnapshot, event: AnyEventObject): ReturnType<Memo['recall']> {
    if (asleep || before.status !== 'active') return undefined;
    const root = rootsOf(before).get(event.type);
    if (root === undefined || root === never || root.first === undefined) return undefined;
    const play: Play = { scope, before, event, context: before.context, children: before.children, output: undefined, actions: [] };
    try {
      const end = walk(root.first, play);
      const found = ended(play, end);
      recalled = end;
      return found;
    } catch {
      // Also what a guard or an action throws: XState says it in its own words.
      return undefined;
    }
  }

  function watch<T>(before: AnyMachineSnapshot, event: AnyEventObject, work: () => T): { readonly result: T; readonly keep: (next: AnyMachineSnapshot) => void } {
    const roots = rootsOf(before);
    const root = roots.get(event.type);
    if (asleep || before.status !== 'active' || root === never || size >= limit || story !== undefined) return { result: work(), keep: () => undefined };
    story = [];
    announced = false;
    external = event;
    spoilt = false;
    let seen: typeof story;
    try {
      const result = work();
      seen = story;
      const keep = (next: AnyMachineSnapshot): void => {
        const its = root ?? { first: undefined };
        const isKept = !spoilt && (next.status === 'active' || next.status === 'done') && remembered(its, seen, endOf(before, next));
        roots.set(event.type, isKept ? its : never);
        size += seen.length + 1;
      };
      return { result, keep };
    } finally {
      story = undefined;
      external = undefined;
    }
  }

  return {
    watcher, recall, watch,
    recallFirst(scope, machine, event) {
      if (unborn === undefined || asleep) return undefined;
      const { context: given } = machine.config as { context?: unknown };
      try {
        const context = typeof given === 'function' ? (given as (args: object) => unknown)({ spawn: refuseSpawn, input: (event as { input?: unknown }).input, self: scope.self }) : (given ?? {});
        return recall(scope, { ...unborn, context } as AnyMachineSnapshot, event);
      } catch {
        return undefined;
      }
    },
    watchFirst(machine, event, work) {
      const nothing = { status: 'active', _nodes: [machine.root], children: {}, context: undefined, output: undefined, error: undefined };
      const { result, keep } = watch(nothing as unknown as AnyMachineSnapshot, event, work);
      return { result, keep: (next) => {
        keep(next);
        unborn = { ...next, ...nothing } as unknown as AnyMachineSnapshot;
      } };
    },
    without(work) {
      const before = asleep;
      asleep = true;
      try {
        return work();
      } finally {
        asleep = before;
      }
    },
    recalling(work) {
      recalled = undefined;
      return { result: work(), way: recalled };
    },
  };
}

function walk(first: Known, play: Play): End {
  let at: Known | undefined = first;
  while (at?.kind === 'point') {
    const event: AnyEventObject = at.event ?? play.event;
    if (at.op.kind === 'guard') at = at.op.ask(play, event) ? at.yes : at.no;
    else {
      at.op.act(play, event);
      at = at.yes;
    }
  }
  if (at === undefined) throw unforeseen;
  return at;
}

function ended({ before, context, children, output, actions }: Play, end: End): { readonly next: AnyMachineSnapshot; readonly actions: readonly RawAction[] } {
  if (end.same) return { next: before, actions };
  if (idsOf(children) !== end.children) throw unforeseen;
  const next = {
    ...before, status: end.status, output, context, children, _nodes: end.nodes, value: end.value, tags: end.tags,
  } as unknown as AnyMachineSnapshot;
  return { next, actions };
}

const keyOf = (nodes: AnyMachineSnapshot['_nodes']): string => nodes.map(({ order }) => order).join(' ');

const idsOf = (children: object): string => Object.keys(children).toSorted().join(' ');

const endOf = (before: AnyMachineSnapshot, next: AnyMachineSnapshot): End =>
  ({ kind: 'end', same: next === before, status: next.status, nodes: next._nodes, value: next.value, tags: next.tags, children: idsOf(next.children) });

/** Add one story to what is known. False: the same chart in the same states came to something else before, and is not to be foreseen. */
function remembered(root: Root, story: readonly { readonly op: Op; readonly event: AnyEventObject | undefined; readonly answer: boolean }[], end: End): boolean {
  let put = (known: Known): Known => (root.first ??= known);
  for (const { op, event, answer } of story) {
    const at = put({ kind: 'point', op, event, yes: undefined, no: undefined });
    if (at.kind !== 'point' || at.op !== op || at.event?.type !== event?.type) return false;
    put = (known) => (answer ? (at.yes ??= known) : (at.no ??= known));
  }
  const known = put(end);
  return known.kind === 'end' && keyOf(known.nodes) === keyOf(end.nodes) && known.same === end.same && known.status === end.status && known.children === end.children;
}

function keepIn(stops: Map<string, Op>, id: string, op: Op): Op {
  stops.set(id, op);
  return op;
}

/** A spawned actor is XState's to make, and the kernel's to refuse. */
export const refuseSpawn = (): never => { throw new Unforeseen('spawn'); };

const stopOp = (id: string): Op => ({ kind: 'act', act: (play) => {
  const { [id]: actorRef, ...rest } = play.children;
  if (actorRef === undefined) throw unforeseen;
  play.children = rest;
  play.actions.push({ type: 'xstate.stopChild', params: actorRef, exec: undefined });
} });

/** A finished region without an output, or an event that stands in the chart. */
const isFixed = (event: AnyEventObject): boolean =>
  fixedEvents.has(event) || (event.type.startsWith('xstate.done.state.') && event.output === undefined);

/** Events that `raise` names outright. */
export const fixedEvents = new WeakSet<object>();
