import fc from 'fast-check';
import { assign, emit, fromPromise, raise, setup, type AnyStateMachine } from 'xstate';
import { defineMachine } from '../../../../src/kernel/define.ts';
import { TerminalError } from '../../../../src/kernel/errors.ts';
import type { Definition } from '../../../../src/kernel/definition.ts';

/** The events random charts know. */
export const randomEvents = ['e0', 'e1', 'e2', 'xstate.done.actor.job0', 'xstate.error.actor.job1', 'xstate.done.actor.job2'] as const;

interface Shape {
  readonly kind: 'leaf' | 'final' | 'compound' | 'parallel';
  readonly children: readonly Shape[];
}

const { shape } = fc.letrec<{ shape: Shape; leaf: Shape }>((tie) => ({
  leaf: fc.constantFrom<Shape>({ kind: 'leaf', children: [] }, { kind: 'leaf', children: [] }, { kind: 'final', children: [] }),
  shape: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'chart' },
    tie('leaf'),
    fc.record({ kind: fc.constant('compound' as const), children: fc.array(tie('shape'), { minLength: 1, maxLength: 3, depthIdentifier: 'chart' }) }),
    fc.record({ kind: fc.constant('parallel' as const), children: fc.array(tie('shape'), { minLength: 1, maxLength: 3, depthIdentifier: 'chart' }) }),
  ),
}));

const promise = fromPromise<unknown, unknown>(() => Promise.reject(new Error('the host runs it')));

/** Any nesting of compound, parallel and final states, with any transitions between them, and a guard that ends every circle. */
export const randomChart: fc.Arbitrary<Definition> = fc.record({
  kind: fc.constantFrom('compound' as const, 'parallel' as const), children: fc.array(shape, { minLength: 2, maxLength: 3 }), dice: fc.array(fc.nat(999), { minLength: 200, maxLength: 200 }),
}).map(({ dice, ...root }) => build(root, dice)).filter((definition) => definition !== undefined);

/** Undefined for a chart that never comes to rest in the first place: it cannot be registered. */
function build(root: Shape, dice: readonly number[]): Definition | undefined {
  let thrown = 0;
  const roll = (sides: number): number => (dice[thrown++ % dice.length] ?? 0) % sides;
  const ids: string[] = [];
  const name = (node: Shape, id: string): void => {
    ids.push(id);
    node.children.forEach((child, i) => { name(child, `${id}_${i}`); });
  };
  root.children.forEach((child, i) => { name(child, `s${i}`); });
  let jobs = 0;
  // With one, XState alone decides: what a finished region says is not foreseen.
  const outputs = roll(3) === 0;
  const actions = (): unknown[] => [[], ['count'], [emit({ type: 'said' } as never)], ['count', raise({ type: 'e1' } as never)], [{ type: 'note', params: { n: roll(9) } }]][roll(5)] ?? [];
  const transition = (guarded: boolean): unknown => ({
    ...(roll(4) === 0 ? {} : { target: `#${ids[roll(ids.length)]}` }), ...(roll(3) === 0 ? { reenter: true } : {}),
    ...(guarded || roll(3) === 0 ? { guard: { type: 'young', params: { most: 3 + roll(20) } } } : {}),
    actions: guarded ? ['count', ...actions()] : actions(),
  });
  const state = (node: Shape, id: string): unknown => ({
    id, ...(node.kind === 'final' ? { type: 'final', entry: actions(), ...(outputs ? { output: ({ context }: { context: { n: number } }) => context.n } : {}) } : {
      ...(node.kind === 'parallel' ? { type: 'parallel' } : {}),
      ...(node.kind === 'compound' ? { initial: 'c0' } : {}),
      ...(node.children.length === 0 ? {} : { states: Object.fromEntries(node.children.map((child, i) => [`c${i}`, state(child, `${id}_${i}`)])) }),
      ...(node.children.length === 0 || roll(2) === 0 ? {} : { onDone: transition(true) }),
      entry: actions(), exit: actions(), tags: [`t${roll(3)}`],
      on: Object.fromEntries(['e0', 'e1', 'e2'].filter(() => roll(2) === 0).map((event) => [event, [transition(true), transition(event !== 'e1')].slice(roll(2))])),
      ...(roll(5) === 0 ? { always: transition(true) } : {}),
      ...(roll(4) === 0 && jobs < 3 ? invoke(jobs++) : {}),
      ...(roll(6) === 0 ? { after: { 100: transition(true) } } : {}),
    }),
  });
  const invoke = (job: number): object => ({
    invoke: { id: `job${job}`, src: 'work', input: ({ context }: { context: { n: number } }) => ({ n: context.n }), onDone: transition(true), ...(roll(2) === 0 ? { onError: transition(true) } : {}) },
  });
  const machine = setup({
    types: {} as { context: { n: number; noted: number[] }; events: { type: string } },
    actors: { work: promise },
    actions: { count: assign({ n: ({ context }) => context.n + 1 }), note: assign(({ context }, params: { n: number }) => ({ noted: [...context.noted, params.n].slice(-5) })) },
    guards: { young: ({ context }, { most }: { most: number }) => context.n < most },
  }).createMachine({
    id: 'random', context: { n: 0, noted: [] }, type: root.kind === 'parallel' ? 'parallel' : undefined, initial: root.kind === 'parallel' ? undefined : 's0',
    states: Object.fromEntries(root.children.map((child, i) => [`s${i}`, state(child, `s${i}`)])),
    options: { maxIterations: 60 },
    output: ({ event }: { event: unknown }) => ({ last: (event as { type: string }).type }),
  } as never) as unknown as AnyStateMachine;
  try {
    return defineMachine({ machine, version: '1' });
  } catch (error) {
    if (error instanceof TerminalError && error.code === 'endless_transition') return undefined;
    throw error;
  }
}
