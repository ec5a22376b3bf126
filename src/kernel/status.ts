import { blockageOf } from './blockage.ts';
import type { Definition } from './definition.ts';
import type { Json } from './json.ts';
import type { ActorState, Status } from './state.ts';
import { awaitedEvents, contextIn, nextEvents, outputIn, statusIn, tagsIn, valueIn } from './xstate.ts';

/** Of several tags the first of these is shown: what needs a person comes first, and what waits beside something that runs does not hold it up. */
const statuses: readonly Status[] = ['blocked', 'undoing', 'stopping', 'stopped', 'cancelled', 'failed', 'completed', 'running', 'waiting'];

const asStatus = (value: unknown): Status | undefined => statuses.find((status) => status === value);

/**
 * What people see. A tag of an active state that is a status wins; a chart that is done shows its output's
 * `status`, else `completed`; one that met a failure it does not handle has `failed`. A blocked child blocks its parent.
 */
export function statusOf(_definition: Definition, state: ActorState): Status {
  const status = statusIn(state.snapshot);
  if (status === 'error') return 'failed';
  if (blockageOf(state) !== undefined) return 'blocked';
  const tags = tagsIn(state.snapshot);
  const tagged = statuses.find((name) => tags.includes(name));
  if (tagged !== undefined) return tagged;
  if (status === 'done') return asStatus((outputIn(state.snapshot) as { status?: unknown } | null)?.status) ?? 'completed';
  return Object.keys(state.activities).length + Object.keys(state.children).length > 0 ? 'running' : 'waiting';
}

/** Has the chart come to its end, well or badly? Nothing is taken any more then. */
export const hasEnded = (state: ActorState): boolean => statusIn(state.snapshot) !== 'active';

/** The chart's state value: a name, or an object of regions. */
export const valueOf = (state: ActorState): Json => valueIn(state.snapshot);

export const contextOf = (state: ActorState): Json => contextIn(state.snapshot);

/** What the chart ended with; null before its end, or when it has no output. */
export const outputOf = (state: ActorState): Json => outputIn(state.snapshot);

/** `until`: milliseconds since the epoch, for timers. */
export type Awaited = Readonly<{
  kind: 'activity' | 'timer' | 'child' | 'command';
  name: string;
  until?: number;
}>;

/** What people control an actor with: it is taken at most times, and so nothing waits for it. */
const control = ['stop', 'start', 'cancel', 'retry-undo', 'abandon'];

/**
 * The named things an actor waits for: what runs, what is due, and the commands that a state in which nothing runs is there
 * to take; when there is nothing such, all commands it has transitions for.
 */
export function waitingFor(state: ActorState): readonly Awaited[] {
  if (hasEnded(state)) return [];
  const awaited: Awaited[] = [
    ...Object.values(state.activities).map(({ activity }) => ({ kind: 'activity' as const, name: activity })),
    ...Object.values(state.children).map(({ actor }) => ({ kind: 'child' as const, name: actor })),
    ...Object.values(state.timers).map(({ timer, due }) => ({ kind: 'timer' as const, name: timer, until: due })),
  ];
  const commands = awaited.length > 0 ? awaitedEvents(state.snapshot).filter((name) => !control.includes(name)) : nextEvents(state.snapshot);
  return [...awaited, ...commands.map((name) => ({ kind: 'command' as const, name }))];
}
