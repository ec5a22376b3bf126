import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { act, holds, type Turn } from './xstate-actions.ts';
import { stopsOf } from './xstate-children.ts';
import { movesOf, type Configuration, type Entry, type Move } from './xstate-moves.ts';
import type { MachineScope } from './xstate-scope.ts';
import type { Node, Transition } from './xstate-sets.ts';

/*
 * XState 5.33's macrostep over moves that are worked out once per chart (`xstate-moves.ts`) instead of at
 * every step. The differential fuzz in test/unit/kernel/fast-path.test.ts holds it to XState's own.
 */

export interface Stepper {
  /** As `machine.getInitialSnapshot`, but throws what it catches. */
  initial(input: unknown, scope: MachineScope): AnyMachineSnapshot;
  /** As `machine.transition`; undefined when XState itself must do it. */
  step(before: AnyMachineSnapshot, event: AnyEventObject, scope: MachineScope): AnyMachineSnapshot | undefined;
}

interface Microstep {
  readonly snapshot: AnyMachineSnapshot;
  readonly at: Configuration;
}

/** The chart before its first state is entered, its context made. */
interface WithStart {
  _getPreInitialState(scope: MachineScope, event: AnyEventObject, queue: AnyEventObject[]): AnyMachineSnapshot;
}

/** A stepper for one compiled machine; undefined for charts with history. `inert` stands for every activity and child. */
export function stepperFor(machine: AnyStateMachine, inert: unknown): Stepper | undefined {
  const root = machine.root as unknown as Node;
  if (hasHistory(root)) return undefined;
  const moves = movesOf(root, inert);
  const most = machine.options?.maxIterations ?? Infinity;

  function carryOut(turn: Turn, { snapshot, at }: Microstep, event: AnyEventObject, move: Move): Microstep {
    let now = act(turn, snapshot, event, move.actions);
    for (const entry of move.entries) now = enter(turn, now, event, entry, root);
    if (now.status === 'done') now = act(turn, now, event, move.next.nodes.toSorted((a, b) => b.order - a.order).flatMap(({ exit }) => exit));
    return { snapshot: move.next === at ? now : dressed(now, move.next), at: move.next };
  }

  const microstep = (turn: Turn, from: Microstep, event: AnyEventObject, transitions: readonly Transition[]): Microstep =>
    transitions.length === 0 ? from : carryOut(turn, from, event, moves.move(from.at, transitions));

  /** Eventless transitions and raised events, until nothing is left to do. */
  function untilAtRest(turn: Turn, from: Microstep, cause: AnyEventObject): AnyMachineSnapshot {
    let now = from;
    let event = cause;
    let askEventless = true;
    for (let rounds = 1; now.snapshot.status === 'active'; rounds++) {
      if (rounds > most) throw new Error(`Infinite loop detected: more than ${most} microsteps`);
      let enabled: readonly Transition[] = askEventless ? eventless(now, event) : [];
      const wasEventless: boolean = enabled.length > 0;
      if (!wasEventless) {
        const raised = turn.queue.shift();
        if (raised === undefined) break;
        event = raised;
        enabled = selected(root, now, event);
      }
      const { snapshot } = now;
      now = microstep(turn, now, event, enabled);
      askEventless = !wasEventless || now.snapshot !== snapshot;
    }
    if (now.snapshot.status !== 'active') act(turn, now.snapshot, event, stopsOf(now.snapshot));
    const ordered = moves.inOrder(now.at);
    return ordered === now.at ? now.snapshot : dressed(now.snapshot, ordered);
  }

  return {
    initial(input, scope) {
      const turn: Turn = { scope: scope as Turn['scope'], queue: [] };
      const event = { type: 'xstate.init', input };
      const before = (machine as unknown as WithStart)._getPreInitialState(scope, event, turn.queue);
      return untilAtRest(turn, carryOut(turn, { snapshot: before, at: moves.configuration([root]) }, event, moves.first()), event);
    },
    step(before, event, scope) {
      if (before.status !== 'active') return undefined;
      const start = { snapshot: before, at: moves.configuration(before._nodes as unknown as readonly Node[]) };
      const taken = selected(root, start, event);
      if (taken.length === 0 && event.type.startsWith('xstate.error.actor')) return undefined;
      const turn: Turn = { scope: scope as Turn['scope'], queue: [] };
      return untilAtRest(turn, microstep(turn, start, event, taken), event);
    },
  };
}

const hasHistory = (node: Node): boolean => node.type === 'history' || Object.values(node.states).some(hasHistory);

const dressed = (snapshot: AnyMachineSnapshot, { nodes, value, tags }: Configuration): AnyMachineSnapshot =>
  ({ ...snapshot, _nodes: nodes, value, tags }) as unknown as AnyMachineSnapshot;

/** The transitions an event takes: the innermost state of each region decides first. */
function selected(node: Node, now: Microstep, event: AnyEventObject): readonly Transition[] {
  let inner: readonly Transition[] = none;
  for (const child of now.at.children.get(node) ?? none) {
    const below = selected(child, now, event);
    inner = inner.length === 0 ? below : [...inner, ...below];
  }
  return inner.length > 0 || node.transitions.size === 0 ? inner : (node.next(now.snapshot, event) ?? none);
}

const none: readonly never[] = [];

function eventless({ snapshot, at }: Microstep, event: AnyEventObject): readonly Transition[] {
  const enabled = new Set<Transition>();
  for (const chain of at.eventless) {
    const first = firstOf(chain, snapshot, event);
    if (first !== undefined) enabled.add(first);
  }
  return [...enabled];
}

function firstOf(chain: readonly Node[], snapshot: AnyMachineSnapshot, event: AnyEventObject): Transition | undefined {
  for (const { always } of chain) {
    for (const transition of always ?? []) {
      if (transition.guard === undefined || holds(transition.guard, snapshot, event)) return transition;
    }
  }
  return undefined;
}

function enter(turn: Turn, before: AnyMachineSnapshot, event: AnyEventObject, { node, actions, starting, final }: Entry, root: Node): AnyMachineSnapshot {
  const now = act(turn, before, event, actions, starting);
  return final === undefined ? now : finish(turn, now, event, node, final, root);
}

function finish(turn: Turn, now: AnyMachineSnapshot, event: AnyEventObject, node: Node, final: NonNullable<Entry['final']>, root: Node): AnyMachineSnapshot {
  const output = (mapper: unknown, at: AnyEventObject = event): unknown =>
    typeof mapper === 'function' ? (mapper as (args: unknown) => unknown)({ context: now.context as unknown, event: at, self: turn.scope.self }) : mapper;
  const done = ({ id }: Node, value?: unknown): AnyEventObject => ({ type: `xstate.done.state.${id}`, output: value });
  if (final.parent !== undefined) turn.queue.push(done(final.parent, output(node.output)));
  for (const region of final.regions) turn.queue.push(done(region));
  const { root: last } = final;
  if (last === undefined) return now;
  const ended = (): unknown => output(root.output, done(last, last.parent === undefined ? undefined : output(last.output)));
  return { ...now, status: 'done', output: root.output === undefined ? undefined : ended() } as unknown as AnyMachineSnapshot;
}
