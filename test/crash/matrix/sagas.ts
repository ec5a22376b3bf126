import { contextOf } from '../../../src/kernel/status.ts';
import type { ActorState } from '../../../src/kernel/state.ts';
import type { SagaContext } from '../../../src/machines/saga/types.ts';
import { sagaOf, sagaSteps } from './saga.ts';
import type { Scenario, Wish } from './scenario.ts';

const saga = 'errand/e1';
const create: Wish = { to: saga, command: 'create' };
const allDone = sagaSteps.map((name) => `${saga}/${name}`).sort();

const phaseOf = (state: ActorState): string => (contextOf(state) as unknown as SagaContext).phase;
const start: Wish = { to: saga, command: 'start', when: (state) => phaseOf(state) === 'paused' };

const failing = sagaSteps.map((fails): Scenario => ({
  name: `a saga whose step ${fails} fails`, definitions: sagaOf({ fails }), wishes: [create], ends: { [saga]: 'failed' }, stock: [],
}));

const timedOut: Scenario = {
  name: 'a saga whose step takes too long once', definitions: sagaOf({ hangs: 'pack' }), wishes: [create], ends: { [saga]: 'completed' }, stock: allDone,
};

/** The moments of a saga at which somebody may say something: each activity it runs, and the wait between two attempts. */
const activities = ['check reserve', 'reserve', 'charge', 'pack', 'ship'];
const moments: readonly { readonly name: string; readonly hangs?: string; readonly when: NonNullable<Wish['when']> }[] = [
  ...activities.map((name) => ({ name, hangs: name, when: ((_state, { hung }) => hung.has(name)) as NonNullable<Wish['when']> })),
  { name: 'the wait for a new attempt', when: (state) => Object.values(state.timers).some(({ timer }) => timer.includes('retry') || timer.includes('charge')) && Object.keys(state.activities).length === 0 },
];

const stopped = moments.map(({ name, hangs, when }): Scenario => ({
  name: `a saga that is stopped at ${name} and started again`, definitions: sagaOf(hangs === undefined ? {} : { hangs }),
  wishes: [create, { to: saga, command: 'stop', when }, start], ends: { [saga]: 'completed' }, stock: allDone,
}));

const cancelled = moments.map(({ name, hangs, when }): Scenario => ({
  name: `a saga that is cancelled at ${name}`, definitions: sagaOf(hangs === undefined ? {} : { hangs }),
  wishes: [create, { to: saga, command: 'cancel', when }], ends: { [saga]: 'cancelled' }, stock: [],
}));

const cancelledWhenStopped: Scenario = {
  name: 'a saga that is stopped, and cancelled then', definitions: sagaOf({ hangs: 'pack' }),
  wishes: [create, { to: saga, command: 'stop', when: (_state, { hung }) => hung.has('pack') }, { to: saga, command: 'cancel', when: (state) => phaseOf(state) === 'paused' }],
  ends: { [saga]: 'cancelled' }, stock: [],
};

export const sagaScenarios: readonly Scenario[] = [
  { name: 'a saga of four steps', definitions: sagaOf({}), wishes: [create], ends: { [saga]: 'completed' }, stock: allDone },
  timedOut, ...failing, ...stopped, ...cancelled, cancelledWhenStopped,
];
