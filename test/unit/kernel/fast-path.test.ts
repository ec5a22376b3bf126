import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { assign, initialTransition, raise, setup, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import type { Snapshot } from '../../../src/kernel/state.ts';
import { initial, persist, step, type Stepped } from '../../../src/kernel/xstate.ts';
import { asked, type Asked } from '../../../src/kernel/xstate-asked.ts';
import { compiled } from '../../../src/kernel/xstate-compile.ts';
import type { RawAction } from '../../../src/kernel/xstate-scope.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { defineMachine } from '../../../src/kernel/define.ts';
import { eventsOf, zoo } from './support/zoo.ts';
import { randomChart, randomEvents } from './support/random-chart.ts';

type Name = keyof typeof zoo;
const names = Object.keys(zoo) as Name[];
const who = { actor: 'zoo/a1', parent: undefined } as const;

type Raw = RawAction & { info: { self: unknown } };

function askedOf(machine: AnyStateMachine, actions: readonly unknown[]): readonly Asked[] {
  const raw = actions as readonly Raw[];
  return asked(raw, raw[0]?.info.self, machine.implementations.actions as Record<string, unknown>);
}

/** What counts of a snapshot, whichever machine object it belongs to. */
function essence(snapshot: AnyMachineSnapshot): string {
  const { status, value, context, historyValue, children, output, error } = snapshot as AnyMachineSnapshot & { historyValue: Record<string, { id: string }[]> };
  const history = Object.fromEntries(Object.entries(historyValue).map(([id, nodes]) => [id, nodes.map((node) => node.id).sort()]));
  return canonicalJson({ status, value, context, history, children: Object.keys(children).sort(), output, error });
}

const attempt = <T>(call: () => T): T | 'threw' => {
  try {
    return call();
  } catch {
    return 'threw';
  }
};

const walk = fc.constantFrom(...names).chain((name) => fc.record({
  name: fc.constant(name),
  events: fc.array(fc.record({ type: fc.constantFrom(...eventsOf[name]), amount: fc.integer({ min: 0, max: 20 }), by: fc.integer({ min: -2, max: 4 }) }), { maxLength: 25 }),
}));

const live = (snapshot: Snapshot): AnyMachineSnapshot => snapshot as unknown as AnyMachineSnapshot;

/** Walk both ways, side by side. */
function compare(definition: Definition, events: readonly { readonly type: string }[]): void {
  const { machine } = compiled(definition);
  const [first, actions] = initialTransition(machine, null);
  const begun = attempt(() => initial(definition, null, who));
  if (first.status === 'error' || begun === 'threw') {
    expect([first.status, begun]).toEqual(['error', 'threw']);
    return;
  }
  let now: Stepped = begun;
  expect(essence(live(now.snapshot))).toBe(essence(first));
  expect(now.asked).toEqual(askedOf(machine, actions));
  for (const event of events) {
    const reference = attempt(() => transition(machine, live(now.snapshot), event));
    const mine = attempt(() => step(definition, now.snapshot, event, who));
    if (reference === 'threw' || mine === 'threw') {
      expect(mine).toBe(reference);
      return;
    }
    expect(essence(live(mine.snapshot))).toBe(essence(reference[0]));
    expect(mine.asked).toEqual(askedOf(machine, reference[1]));
    now = mine;
  }
}

describe('the fast path', () => {
  it('given any walk through any chart of the zoo, then every step equals XState\'s own transition() from the same snapshot', () => {
    fc.assert(fc.property(walk, ({ name, events }) => { compare(zoo[name], events); }), { numRuns: 400 });
  });

  it('given a chart whose first step depends on its input, when one actor after the other is created, then each begins as with XState alone, foreseen or not', () => {
    const chart = setup({
      actors: {}, guards: { isLarge: ({ context }) => (context as { n: number }).n > 5, isOdd: ({ event }) => (event as { input?: { n: number } }).input?.n === 7 },
      actions: { note: assign(({ context, event }) => ({ seen: [...(context as { seen: unknown[] }).seen, (event as { input?: unknown }).input ?? null] })) },
    }).createMachine({
      id: 'first', initial: 'looks', entry: 'note',
      context: ({ input }) => {
        const { n } = input as { n: number };
        if (n === 9) throw new Error('nine');
        return { n, seen: [] };
      },
      states: {
        looks: { always: [{ guard: 'isOdd', target: 'odd' }, { guard: 'isLarge', target: 'large' }, { target: 'small' }] },
        odd: { type: 'final' }, large: { entry: 'note', after: { 1000: 'small' } }, small: {},
      },
    });
    const definition = defineMachine({ version: '1', machine: chart });
    const { machine } = compiled(definition);
    for (const n of [1, 2, 7, 6, 8, 7, 9, 1, 6, 9, 2]) {
      const [first, actions] = initialTransition(machine, { n });
      const begun = attempt(() => initial(definition, { n }, who));
      if (begun === 'threw') expect([n, first.status]).toEqual([9, 'error']);
      else expect([essence(live(begun.snapshot)), begun.asked]).toEqual([essence(first), askedOf(machine, actions)]);
    }
  });

  it('given any nesting of regions, finals and invokes with any transitions among them, when it is walked again and again, then every step equals XState\'s own, seen for the first time or remembered', () => {
    const walks = fc.array(fc.array(fc.record({ type: fc.constantFrom(...randomEvents) }), { maxLength: 12 }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(randomChart, walks, (definition, walked) => { for (const events of [...walked, ...walked]) compare(definition, events); }), { numRuns: 300 });
  });

  it('given a walk that was walked once, when another actor walks it, then XState is not asked again, and the snapshots are the same bytes', () => {
    const walked = [{ type: 'note' }, { type: 'pay', amount: 20 }, { type: 'again' }, { type: 'xstate.error.actor.charge' }, { type: 'pay', amount: 3 }, { type: 'pay', amount: 10 }, { type: 'xstate.done.actor.charge' }, { type: 'xstate.after.500.order.paid' }];
    const bytes = (): string[] => {
      let now = initial(zoo.order, null, who);
      return walked.map((event) => {
        now = step(zoo.order, now.snapshot, event, who);
        return canonicalJson({ snapshot: persist(now.snapshot), asked: now.asked });
      });
    };
    const first = bytes();
    const transition = vi.spyOn(compiled(zoo.order).machine, 'transition');
    expect(bytes()).toEqual(first);
    expect(transition).not.toHaveBeenCalled();
    transition.mockRestore();
  });

  it.each([
    ['a delay that is none', [{}, { ms: 500 }]],
    ['a delay, and then none', [{ ms: 500 }, {}]],
  ] as const)('given %s for the event before, when the same is asked of another actor, then what comes of it is as for the first one', (_what, told) => {
    const late = (): Definition => defineMachine({ version: '1', machine: setup({
      types: {} as { context: { n: number }; events: { type: 'go'; ms?: number } | { type: 'late' } },
      actions: { wait: raise({ type: 'late' }, { id: 'late', delay: ({ event }) => (event as { ms?: number }).ms as number }), count: assign({ n: ({ context }) => context.n + 1 }) },
    }).createMachine({ id: 'late', context: { n: 0 }, initial: 'a', states: { a: { on: { go: { target: 'b', actions: 'wait' } } }, b: { on: { late: { target: 'c', actions: 'count' } } }, c: {} } }) });
    const after = (definition: Definition, event: object): string => {
      const { snapshot, asked: wanted } = step(definition, initial(definition, null, who).snapshot, { type: 'go', ...event }, who);
      return canonicalJson({ snapshot: persist(snapshot), wanted });
    };
    const warm = late();
    expect(told.map((event) => after(warm, event))).toEqual(told.map((event) => after(late(), event)));
  });

  it('given any walk, then the user\'s own machine, stepped by XState alone, goes the same way', () => {
    fc.assert(fc.property(walk, ({ name, events }) => {
      // A wildcard may not take XState's own events here, and may there.
      const definition = zoo[name];
      const { machine } = definition;
      let [reference] = initialTransition(machine, null) as unknown as [AnyMachineSnapshot];
      let now = initial(definition, null, who);
      for (const event of events) {
        const theirs = attempt(() => transition(machine, reference, event));
        const mine = attempt(() => step(definition, now.snapshot, event, who));
        if (theirs === 'threw' || mine === 'threw') {
          expect(mine).toBe(theirs);
          return;
        }
        expect(essence(live(mine.snapshot))).toBe(essence(theirs[0]));
        expect(mine.asked.map(({ kind }) => kind).sort()).toEqual(askedOf(machine, theirs[1]).map(({ kind }) => kind).sort());
        [reference, now] = [theirs[0], mine];
      }
    }), { numRuns: 300 });
  });

  it('given the same snapshot and event, when stepped twice with other work in between, then the results are the same bytes', () => {
    fc.assert(fc.property(walk, ({ name, events }) => {
      const definition = zoo[name];
      let now = initial(definition, null, who);
      for (const event of events) {
        const before = canonicalJson(persist(now.snapshot));
        const once = attempt(() => step(definition, now.snapshot, event, who));
        initial(definition, null, { actor: 'zoo/other', parent: 'zoo/a1' });
        const again = attempt(() => step(definition, now.snapshot, event, who));
        expect(canonicalJson(persist(now.snapshot))).toBe(before);
        if (once === 'threw' || again === 'threw') return;
        expect(canonicalJson(persist(again.snapshot))).toBe(canonicalJson(persist(once.snapshot)));
        expect(again.asked).toEqual(once.asked);
        now = once;
      }
    }), { numRuns: 200 });
  });
});
