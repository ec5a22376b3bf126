import { contextOf, hasEnded } from '../../../src/kernel/status.ts';
import type { SagaContext } from '../../../src/machines/saga/types.ts';
import { sagaSteps } from '../cast/sagas.ts';
import type { Story } from '../chronicle.ts';
import type { Run } from '../simulate.ts';
import type { Check } from './invariant.ts';

/** Every completed step of a saga that did not complete is undone exactly once in effect, in reverse order of completion; of one that did, none. */
export const s2: Check = (run) => run.chronicle.all().flatMap((story) => {
  const { state, definition } = story;
  if (state === undefined || !hasEnded(state)) return [];
  const { name } = definition.stamp;
  if (name === 'build') return ofBuild(run, story);
  const steps = sagaSteps[name];
  return steps === undefined ? [] : ofSaga(run, story, steps, contextOf(state) as unknown as SagaContext);
});

function ofSaga({ ledger }: Run, { actor }: Story, names: readonly string[], { phase, steps, order }: SagaContext): readonly string[] {
  const removed = names.filter((name) => order.includes(name) && ledger.stock.get(`${actor}/${name}`)?.removedAs !== undefined)
    .sort((a, b) => (ledger.standing(`${actor}/${a}`).removedAs ?? 0) - (ledger.standing(`${actor}/${b}`).removedAs ?? 0));
  const reverse = order.filter((name) => removed.includes(name)).toReversed();
  const turned = removed.join() === reverse.join() ? [] : [`${actor} completed ${order.join(', ')}, and took back ${removed.join(', ')}`];
  return [...turned, ...names.flatMap((name) => {
    const { present, removes } = ledger.stock.get(`${actor}/${name}`) ?? { present: false, removes: 0 };
    const says = `${actor} is ${phase}, its step "${name}" is ${String(steps[name]?.status)}`;
    if (removes > 1) return [`${says}, and was taken back ${removes} times`];
    if (phase !== 'completed') return present && steps[name]?.status !== 'left' ? [`${says}, and what it did still stands`] : [];
    if (removes > 0) return [`${says}, and was taken back`];
    return present || steps[name]?.status === 'skipped' ? [] : [`${says}, and it was never done`];
  })];
}

/** Each build of a run has an app of its own. */
function ofBuild({ yard, chronicle }: Run, { actor }: Story): readonly string[] {
  const state = chronicle.of(actor)?.state;
  if (state === undefined) return [];
  const { phase, steps } = contextOf(state) as unknown as SagaContext;
  const app = actor.slice('build/'.length);
  const { entities, workspaces, apps, addons } = yard.world.picture() as { entities: Record<string, unknown>; workspaces: [string, unknown][]; apps: [string, unknown[], string | undefined][]; addons: [string, string][] };
  const traces = [
    ...Object.keys(entities).filter((key) => key === `app/${app}` || key.startsWith(`version/${app}-`) || key.startsWith(`config/${app}-`)),
    ...workspaces.filter(([build]) => build === actor).map(() => 'its folder'),
    ...apps.filter(([name]) => name === app).map(([, , active]) => `a release, ${active === undefined ? 'not active' : 'active'}`),
    ...addons.filter(([, owner]) => owner === actor).map(([key]) => key),
  ];
  if (phase === 'completed') return traces.includes('a release, active') ? [] : [`${actor} is completed, and nothing of it is active: ${traces.join(', ')}`];
  const left = Object.values(steps).some(({ status }) => status === 'left');
  return left || traces.length === 0 ? [] : [`${actor} is ${phase}, and this is left of it: ${traces.join(', ')}`];
}
