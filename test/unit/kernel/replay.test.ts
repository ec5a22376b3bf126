import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import { evolve } from '../../../src/kernel/evolve.ts';
import { freeze, thaw } from '../../../src/kernel/freeze.ts';
import { judge } from '../../../src/kernel/judge.ts';
import { effectsOf, fold } from '../../../src/kernel/replay.ts';
import { hasEnded } from '../../../src/kernel/status.ts';
import { verify } from '../../../src/kernel/chain.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { EffectId } from '../../../src/kernel/record.ts';
import { boom, bytes, create, fact, put, type Driven } from './support/drive.ts';
import { eventsOf, zoo } from './support/zoo.ts';

type Name = keyof typeof zoo;

interface Move { readonly kind: number; readonly pick: number; readonly amount: number }

/** One thing that may truly happen next: a command that is taken, an end, a timer. */
function move(actor: Driven, name: Name, { kind, pick, amount }: Move): Driven {
  const one = <T>(entries: Readonly<Record<string, T>>): [EffectId, T] | undefined => {
    const all = Object.entries(entries) as [EffectId, T][];
    return all[pick % Math.max(1, all.length)];
  };
  const { state, definition } = actor;
  const activity = one(state.activities);
  const timer = one(state.timers);
  const child = one(state.children);
  if (kind === 0 && activity) return fact(actor, 'activity.completed', { activity: activity[1].activity, effect: activity[0], output: { b: amount, a: [amount] } });
  if (kind === 1 && activity) return fact(actor, 'activity.failed', { activity: activity[1].activity, effect: activity[0], error: boom });
  if (kind === 2 && timer) return fact(actor, 'timer.fired', { timer: timer[1].timer, effect: timer[0] });
  if (kind === 3 && child) return fact(actor, 'child.completed', { child: child[1].child, effect: child[0], output: null });
  const commands = eventsOf[name].filter((event) => !event.includes('.') && judge(definition, state, event, { amount }).accepted);
  return commands.length === 0 ? actor : put(actor, commands[pick % commands.length] ?? '', { amount });
}

const lives = fc.record({
  name: fc.constantFrom(...(Object.keys(zoo) as Name[])),
  moves: fc.array(fc.record({ kind: fc.integer({ min: 0, max: 7 }), pick: fc.nat(9), amount: fc.integer({ min: 0, max: 20 }) }), { maxLength: 30 }),
});

function live({ name, moves }: { name: Name; moves: readonly Move[] }): Driven {
  let actor = create(zoo[name]);
  for (const one of moves) {
    if (hasEnded(actor.state)) break;
    actor = move(actor, name, one);
  }
  return actor;
}

/** As it comes back from a store: other objects, keys in another order than they were made. */
const stored = <T>(value: T): T => JSON.parse(canonicalJson(value)) as T;

describe('replay', () => {
  it('given any life of any actor, when its log is folded again from the start, then the state is the same, byte for byte', () => {
    fc.assert(fc.property(lives, (life) => {
      const { state, effects, definition, log } = live(life);
      const again = fold(definition, stored(log));
      expect(bytes(again.state)).toBe(bytes(state));
      expect(again.effects).toEqual(effects);
      expect(verify(log)).toEqual({ ok: true });
    }), { numRuns: 300 });
  });

  it('given any life, when it is frozen after any record and goes on from there, then states and effects are the same', () => {
    fc.assert(fc.property(lives, (life) => {
      const { definition, log } = live(life);
      let state = fold(definition, log.slice(0, 1)).state;
      for (const record of log.slice(1)) {
        const thawed = thaw(definition, stored(freeze(state)));
        expect(bytes(thawed)).toBe(bytes(state));
        const [from, straight] = [evolve(definition, thawed, stored(record)), evolve(definition, state, record)];
        expect(from.effects).toEqual(straight.effects);
        expect(bytes(from.state)).toBe(bytes(straight.state));
        state = straight.state;
      }
    }), { numRuns: 200 });
  });

  it('given any life, when a record is folded, then the state before it stays as it was', () => {
    fc.assert(fc.property(lives, (life) => {
      const { definition, log } = live(life);
      let state = fold(definition, log.slice(0, 1)).state;
      for (const record of log.slice(1)) {
        const before = bytes(state);
        const next = evolve(definition, state, record).state;
        expect(bytes(state)).toBe(before);
        state = next;
      }
    }), { numRuns: 100 });
  });

  it('given any life, then every effect id is new, and what runs was asked for under its id', () => {
    fc.assert(fc.property(lives, (life) => {
      const { definition, log } = live(life);
      const seen = new Set<string>();
      let state = undefined as Driven['state'] | undefined;
      for (const record of log) {
        const next = evolve(definition, state, record);
        for (const { id } of next.effects) {
          expect(seen.has(id)).toBe(false);
          seen.add(id);
        }
        state = next.state;
        for (const id of [...Object.keys(state.activities), ...Object.keys(state.timers), ...Object.keys(state.children)]) expect(seen.has(id)).toBe(true);
      }
      if (state !== undefined && hasEnded(state)) expect([state.activities, state.timers, state.children]).toEqual([{}, {}, {}]);
    }), { numRuns: 150 });
  });

  it('given a redelivered command, when its effects are asked for again, then those still open are named and the finished ones are not', () => {
    const paying = put(create(zoo.order), 'pay', { amount: 10 }, 'cmd-7');
    const asked = effectsOf(zoo.order, paying.log, 'cmd-7');
    expect(asked.effects).toEqual(paying.effects);
    expect(asked.open.map(({ kind }) => kind)).toContain('activity.start');
    const [effect] = Object.keys(paying.state.activities) as EffectId[];
    const paid = fact(paying, 'activity.completed', { activity: 'charge', effect: effect ?? '0:0', output: null });
    expect(effectsOf(zoo.order, paid.log, 'cmd-7').open.map(({ kind }) => kind)).not.toContain('activity.start');
    expect(effectsOf(zoo.order, paid.log, 'unheard-of').effects).toEqual([]);
  });

  it('given a state that is no chart\'s, when thawed, then it is refused by name', () => {
    const { state } = put(create(zoo.order), 'pay', { amount: 10 });
    const frozen = freeze(state) as { snapshot: { value: Json; children: Json; historyValue: Json }; machine: { hash: string } };
    const thawing = (change: object): (() => unknown) => () => thaw(zoo.order, { ...frozen, ...change } as unknown as Json);
    expect(thawing({ snapshot: { ...frozen.snapshot, value: 'gone' } })).toThrow(expect.objectContaining({ code: 'bad_snapshot' }));
    expect(thawing({ snapshot: { ...frozen.snapshot, children: { x: { src: 'gone', snapshot: { status: 'active' } } } } })).toThrow(expect.objectContaining({ code: 'bad_snapshot' }));
    expect(thawing({ snapshot: { ...frozen.snapshot, historyValue: { 'order.gone': [{ id: 'order.gone' }] } } })).toThrow(expect.objectContaining({ code: 'bad_snapshot' }));
    expect(thawing({ snapshot: null })).toThrow(expect.objectContaining({ code: 'bad_snapshot' }));
    expect(() => thaw(zoo.order, null)).toThrow(expect.objectContaining({ code: 'bad_snapshot' }));
    expect(() => thaw(zoo.player, frozen as unknown as Json)).toThrow(/order 1 .*player 1/);
    expect(() => thaw(zoo.player, frozen as unknown as Json)).toThrow(expect.objectContaining({ code: 'definition_differs' }));
  });

  it('given a context that looks like an actor reference, when frozen and thawed, then it is still that', () => {
    const noted = create(zoo.order);
    const frozen = freeze(noted.state) as { snapshot: { context: Json } };
    const context = { paid: false, tries: 0, log: [], odd: { xstate$$type: 1, id: 'charge' }, ref: { sessionId: 'x', send: 1, ref: 2 } };
    const thawed = thaw(zoo.order, { ...frozen, snapshot: { ...frozen.snapshot, context } } as unknown as Json);
    expect((freeze(thawed) as { snapshot: { context: Json } }).snapshot.context).toEqual(context);
  });
});
