import { createActor, type AnyActorLogic, type AnyActorRef, type AnyEventObject, type AnyStateMachine } from 'xstate';
import { fixedEvents, refuseSpawn, Unforeseen, type Op, type Play, type Watcher } from './xstate-memo.ts';

type Args = { readonly context: unknown; readonly event: AnyEventObject };
type Resolved = ((...args: never[]) => unknown) & Readonly<Record<string, unknown>>;
type Named = { readonly type: string; readonly params?: unknown };
type Resolve = (scope: unknown, snapshot: unknown, args: unknown, params: unknown, action: unknown, extra: unknown) => [unknown, unknown, unknown];

interface Transition { guard?: unknown; actions: unknown[] }
interface Invoke { readonly id: string; readonly src: string; readonly systemId?: string; input?: unknown }
interface Node {
  readonly type: string;
  readonly entry: unknown[];
  readonly exit: unknown[];
  readonly invoke: Invoke[];
  readonly initial?: Transition;
  readonly transitions: ReadonlyMap<string, Transition[]>;
  readonly always?: Transition[];
  readonly states: Readonly<Record<string, Node>>;
  readonly parent?: Node;
  output?: unknown;
}

/**
 * Have a chart tell the watcher what XState comes to in it. The machine must be the kernel's own copy. False: there is
 * something in it that a watcher does not see, and none of its steps are to be remembered.
 */
export function wrapChart(machine: AnyStateMachine, watcher: Watcher): boolean {
  const root = machine.root as unknown as Node;
  const nodes = [...everyNode(root)];
  const opaque = nodes.some((node) => node.type === 'history' || node.invoke.some(({ systemId }) => systemId !== undefined)
    || (node.output !== undefined && (node !== root || typeof node.output !== 'function')));
  if (opaque) return false;
  const wrap = wrapper(machine, watcher);
  const done = new Set<Transition>();
  const wrapTransition = (transition: Transition): void => {
    if (done.has(transition)) return;
    done.add(transition);
    if (transition.guard !== undefined) transition.guard = wrap.guard(transition.guard);
    transition.actions = transition.actions.map(wrap.action);
  };
  for (const node of nodes) {
    node.entry.splice(0, Infinity, ...node.entry.map(wrap.action));
    node.exit.splice(0, Infinity, ...node.exit.map(wrap.action));
    for (const invoke of node.invoke) invoke.input = wrap.input(invoke);
    for (const transition of [...[...node.transitions.values()].flat(), ...(node.always ?? []), ...(node.type === 'compound' && node.initial !== undefined ? [node.initial] : [])]) wrapTransition(transition);
  }
  if (root.output !== undefined) root.output = wrap.output(root.output as (args: unknown) => unknown);
  return true;
}

function* everyNode(node: Node): Generator<Node> {
  yield node;
  for (const child of Object.values(node.states)) yield* everyNode(child);
}

function wrapper(machine: AnyStateMachine, watcher: Watcher) {
  const { guards, actions } = machine.implementations as unknown as { readonly guards: Readonly<Record<string, unknown>>; readonly actions: Readonly<Record<string, Resolved>> };
  const argsOf = ({ context, scope }: Play, event: AnyEventObject): Args & { readonly self: unknown; readonly system: unknown } =>
    ({ context, event, self: scope.self, system: scope.system });
  const paramsOf = (named: unknown, args: Args): unknown => {
    const { params } = (typeof named === 'object' && named !== null ? named : {}) as { params?: unknown };
    return typeof params === 'function' ? (params as (given: Args) => unknown)({ context: args.context, event: args.event }) : params;
  };

  function guard(given: unknown): unknown {
    const resolved = typeof given === 'function' ? given : guards[typeof given === 'string' ? given : (given as Named).type];
    // `and`, `or`, `not` and `stateIn` look into the snapshot, and what is not implemented is XState's to say.
    if (typeof resolved !== 'function' || 'check' in resolved) return spoiling(given);
    const call = resolved as (args: Args, params: unknown) => unknown;
    const op: Op = { kind: 'guard', ask: (play, event) => Boolean(call({ context: play.context, event }, paramsOf(given, { context: play.context, event }))) };
    return (args: Args): boolean => {
      const answer = Boolean(call(args, paramsOf(given, args)));
      watcher.asked(op, args.event, answer);
      return answer;
    };
  }
  /** Evaluated as it is, and not remembered. */
  function spoiling(given: unknown): unknown {
    const asItIs = (): boolean => true;
    asItIs.check = (snapshot: { machine: AnyStateMachine }, args: Args): boolean => {
      watcher.spoil();
      return evaluated(given, snapshot, args);
    };
    return asItIs;
  }
  function evaluated(given: unknown, snapshot: { machine: AnyStateMachine }, args: Args): boolean {
    const resolved = typeof given === 'function' ? given : guards[typeof given === 'string' ? given : (given as Named).type];
    if (resolved === undefined) throw new Error(`Guard '${typeof given === 'string' ? given : (given as Named).type}' is not implemented.`);
    if (typeof resolved !== 'function') return evaluated(resolved, snapshot, args);
    const { check } = resolved as { check?: (snapshot: unknown, args: Args, guard: unknown) => boolean };
    return check === undefined ? Boolean((resolved as (args: Args, params: unknown) => unknown)(args, paramsOf(given, args))) : check(snapshot, args, resolved);
  }

  function action(given: unknown): unknown {
    const name = typeof given === 'string' ? given : (given as Named).type;
    const resolved = typeof given === 'function' ? (given as Resolved) : actions[name];
    if (resolved !== undefined && 'resolve' in resolved) return builtIn(given, resolved);
    // An inline function has no name that could carry the news; the scope's executor sees it.
    if (typeof given === 'function') return given;
    const op: Op = { kind: 'act', act: (play, event) => { play.actions.push({ type: name, params: paramsOf(given, argsOf(play, event)), exec: resolved }); } };
    return { type: name, params: (args: Args) => {
      watcher.did(op, args.event, true);
      return paramsOf(given, args);
    } };
  }

  function builtIn(given: unknown, resolved: Resolved): unknown {
    const op = builtInOp(given, resolved);
    const wrapped = Object.assign(() => undefined, resolved) as unknown as Record<string, unknown>;
    wrapped.resolve = ((scope, snapshot, args, _params, _self, extra) => {
      if (op === undefined) watcher.spoil();
      else watcher.did(op, (args as Args).event, 'execute' in resolved);
      const told = (resolved.resolve as Resolve)(scope, snapshot, args, paramsOf(given, args as Args), resolved, extra);
      // A delay that came to nothing is raised at once, which another context may not do.
      if (resolved.type === 'xstate.raise' && resolved.delay !== undefined && !isDelayed(told[1])) watcher.spoil();
      return told;
    }) satisfies Resolve;
    return wrapped;
  }

  function builtInOp(given: unknown, resolved: Resolved): Op | undefined {
    switch (resolved.type) {
      case 'xstate.assign': return { kind: 'act', act: (play, event) => { play.context = assigned(play, resolved.assignment, argsOf(play, event), paramsOf(given, argsOf(play, event))); } };
      case 'xstate.raise':
        if (typeof resolved.event !== 'object' || resolved.event === null) return undefined;
        fixedEvents.add(resolved.event);
        return generic(given, resolved, (params) => resolved.delay === undefined || isDelayed(params));
      case 'xstate.cancel':
      case 'xstate.emit':
      case 'millrace.abort': return generic(given, resolved, () => true);
      default: return undefined;
    }
  }
  /** Asks for something, and leaves the snapshot as it is. */
  function generic(given: unknown, resolved: Resolved, isForeseen: (params: unknown) => boolean): Op {
    const resolve = resolved.resolve as Resolve;
    return { kind: 'act', act: (play, event) => {
      const args = argsOf(play, event);
      const [, params] = resolve(play.scope, { machine, context: play.context, children: play.children }, args, paramsOf(given, args), resolved, { internalQueue: [] });
      if (!isForeseen(params)) throw new Unforeseen('a delay that was none');
      play.actions.push({ type: String(resolved.type), params, exec: undefined });
    } };
  }

  /** An invoke begins. Its inert actor is made once: nothing tells one from another. */
  function input({ id, src, input: given }: Invoke): unknown {
    const inputOf = (args: Args & { readonly self: unknown }): unknown => (typeof given === 'function' ? (given as (args: unknown) => unknown)({ context: args.context, event: args.event, self: args.self }) : given);
    let actorRef: AnyActorRef | undefined;
    const op: Op = { kind: 'act', act: (play, event) => {
      const made = inputOf(argsOf(play, event));
      actorRef ??= createActor(machine.implementations.actors[src] as AnyActorLogic, { id, src, parent: play.scope.self, syncSnapshot: false } as never);
      play.children = { ...play.children, [id]: actorRef };
      play.actions.push({ type: 'xstate.spawnChild', params: { id, systemId: undefined, actorRef, src, input: made }, exec: undefined });
    } };
    return (args: Args & { readonly self: unknown }): unknown => {
      watcher.did(op, args.event, true);
      return inputOf(args);
    };
  }

  function output(given: (args: unknown) => unknown): (args: Args & { readonly self: unknown }) => unknown {
    const op: Op = { kind: 'act', act: (play, event) => { play.output = given({ context: play.context, event, self: play.scope.self }); } };
    return (args) => {
      watcher.did(op, args.event, false);
      return given(args);
    };
  }

  return { guard, action, input, output };
}

const isDelayed = (params: unknown): boolean => typeof (params as { delay?: unknown }).delay === 'number';

/** As XState's own `resolveAssign`, without a new snapshot for each. */
function assigned(play: Play, assignment: unknown, args: Args & { readonly self: unknown; readonly system: unknown }, params: unknown): object {
  if (play.context === undefined || play.context === null) throw new Unforeseen('no context');
  const given = { context: play.context, event: args.event, spawn: refuseSpawn, self: args.self, system: args.system };
  if (typeof assignment === 'function') return { ...play.context, ...(assignment as (args: unknown, params: unknown) => object)(given, params) };
  const partial = Object.entries(assignment as object).map(([key, one]) => [key, typeof one === 'function' ? (one as (args: unknown, params: unknown) => unknown)(given, params) : one]);
  return { ...play.context, ...Object.fromEntries(partial) as object };
}
