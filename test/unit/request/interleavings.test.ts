import { describe, expect, it } from 'vitest';
import { valueOf } from '../../../src/kernel/status.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { requestsOf } from '../../../src/projections/requests.ts';
import type { ActorName } from '../../../src/kernel/record.ts';
import type { ControlRequest } from '../../../src/kernel/request.ts';
import type { ActivityStep } from '../../../src/machines/saga/step.ts';
import { seeded } from '../../support/random.ts';
import { makeWorld } from '../../support/world.ts';
import type { SagaContext } from '../../../src/machines/saga/types.ts';
import { plain, saga } from '../saga/support/specs.ts';
import { everyMoment } from './support/moments.ts';

const once = { attempts: 1, delayMs: 1 };
const check = { check: async () => undefined };
const pending = ({ requests }: SagaContext, command: string): ControlRequest | undefined => requests.findLast((one) => one.command === command && one.state === 'pending');
const isAfter = (a: ControlRequest, b: ControlRequest): boolean => Number(a.id.slice(1)) > Number(b.id.slice(1));

describe.each([
  ['two steps', saga(plain('a', { retry: once, undoRetry: once }), plain('b', { retry: once, undoRetry: once, ...check } as never))],
  ['three steps', saga(plain('a', { retry: once, undoRetry: once }), plain('b', { retry: once, undoRetry: once, ...check } as never), plain('c', { retry: once, undoRetry: once }))],
])('B7.8: given stop, start and cancel in every order with every begin and end of %s', (_what, spec) => {
  const moments = everyMoment(spec);
  const moves = moments.flatMap((from) => from.steps.map((step) => ({ from, ...step })));

  it('when explored, then a stop that is stored wins, unless a start came after it', () => {
    console.log(`${moments.length} moments, ${moves.length} moves`);
    expect(moves.length).toBeGreaterThan(300);
    for (const { from, known, effects, by } of moves) {
      const stop = pending(known, 'stop');
      const start = pending(known, 'start');
      const isWaiting = stop !== undefined && (start === undefined || isAfter(stop, start));
      if (isWaiting) expect(known.control.wish).not.toBe('run');
      // Nothing new begins while a stop is pending; only the way back does when it has to.
      const begun = effects.flatMap((effect) => (effect.kind === 'activity.start' && !effect.activity.startsWith('undo-') ? [effect.activity] : []));
      if (stop !== undefined) expect({ by, begun }).toEqual({ by, begun: [] });
      const completed = known.requests.filter((one) => one.state === 'completed' && from.context.requests.some(({ id, state }) => id === one.id && state === 'pending'));
      for (const one of completed) {
        if (one.command === 'start') expect(stop).toBeUndefined();
        if (one.command === 'stop') expect(known.control.wish === 'stop' || known.requests.some((other) => other.command === 'start' && isAfter(other, one))).toBe(true);
      }
    }
  });

  it('when explored, then stop and start never both have effect: what is stopped runs nothing, and what starts waits for the end of what was stopped', () => {
    for (const { state, context } of moments) {
      if (context.phase === 'paused') expect(Object.keys(state.activities)).toEqual([]);
      expect(context.requests.filter((one) => one.state === 'pending' && one.command === 'stop').length).toBeLessThanOrEqual(1);
      expect(context.requests.filter((one) => one.state === 'pending' && one.command === 'start').length).toBeLessThanOrEqual(1);
    }
  });

  it('when explored, then every request is settled once, and none is pending at an end', () => {
    for (const { from, known } of moves) {
      for (const one of from.context.requests) {
        const later = known.requests.find(({ id }) => id === one.id);
        if (one.state !== 'pending' && later !== undefined) expect(later).toEqual(one);
        if (one.state === 'pending') expect(later).toBeDefined();
      }
    }
    for (const { ended, context } of moments) if (ended) expect(context.requests.filter(({ state }) => state === 'pending')).toEqual([]);
  });

  it('when explored, then nobody is stranded: from every moment work that goes well, start and retry-undo lead to an end', () => {
    const leads = new Set(moments.filter(({ ended }) => ended));
    for (let before = -1; before !== leads.size;) {
      before = leads.size;
      for (const { from, to, by } of moves) if (['done', 'found', 'timer', 'start', 'retry-undo'].includes(by) && leads.has(to)) leads.add(from);
    }
    expect(moments.filter((moment) => !leads.has(moment)).map(({ state }) => valueOf(state))).toEqual([]);
  });
});

describe('stop, start and cancel on a host', () => {
  it('B7.8: given commands at random moments and a host that dies, when all is over, then every request was settled once, and the saga ended or is stopped', async () => {
    const { next: random } = seeded(20261128);
    const step = (name: string) => plain(name, { run: async ({ wait }: Parameters<ActivityStep<never, never>['run']>[0]) => { await wait(100); return {}; }, retry: once } as never);
    const definition = defineSaga({ ...saga(step('a'), step('b'), step('c')), name: 'demo' });
    for (let round = 0; round < 60; round++) {
      const world = makeWorld([definition]);
      const { crash } = await world.host();
      const actor: ActorName = 'demo/d1';
      await world.send(actor, 'create');
      await world.clock.advance(20);
      const asked = Array.from({ length: 5 }, () => ({ at: Math.floor(random() * 400), command: ['stop', 'start', 'cancel', 'stop', 'start'][Math.floor(random() * 5)] ?? 'stop' })).sort((a, b) => a.at - b.at);
      let now = 0;
      for (const [index, { at, command }] of asked.entries()) {
        await world.clock.advance(at - now);
        now = at;
        await world.send(actor, command, {}, `r${index}`);
        if (index === 2) { crash(); await world.host(); }
      }
      await world.clock.advance(60_000);
      const requests = requestsOf(definition, world.records(actor));
      const story = `round ${round}: ${asked.map(({ at, command }) => `${at} ${command}`).join(', ')}: ${world.status(actor)}`;
      expect({ story, open: requests.filter(({ state, settledSeq }) => state === 'pending' || settledSeq === undefined) }).toEqual({ story, open: [] });
      expect({ story, rests: world.ended(actor) || world.status(actor) === 'stopped' }).toEqual({ story, rests: true });
      if (world.status(actor) === 'stopped') expect({ story, last: requests.at(-1)?.command }).toEqual({ story, last: 'stop' });
      if (requests.some(({ command }) => command === 'cancel')) expect({ story, ends: world.status(actor) }).toEqual({ story, ends: 'cancelled' });
    }
  });
});
