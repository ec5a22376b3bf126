import { describe, expect, it } from 'vitest';
import { getInitialMicrosteps, getMicrosteps, type AnyMachineSnapshot, type AnyStateMachine, type AnyStateNode } from 'xstate';
import { sagaChart } from '../../../src/machines/saga/chart.ts';
import { statuses } from './support/play.ts';
import { plain, saga, terminal } from './support/specs.ts';

const short = { attempts: 2, delayMs: 5 };
const machine: AnyStateMachine = sagaChart(saga(
  plain('fetch', { check: async () => undefined, timeoutMs: 50, retry: short, undoRetry: short } as never),
  plain('apply', { retry: short, undoRetry: short, skipIf: () => false }),
  plain('notes', { bookkeeping: true, retry: short, undoRetry: short }),
));

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)];
const nodes = nodesOf(machine.root);

const invokes = nodes.flatMap((node) => node.invoke.map((invoke) => invoke.id));
const timers = nodes.flatMap((node) => [...node.transitions.keys()].filter((type) => type.startsWith('xstate.after')));
const events = [
  ...['stop', 'start', 'cancel', 'retry-undo', 'abandon'].map((type) => ({ type })),
  ...timers.map((type) => ({ type })),
  ...invokes.flatMap((id) => [
    { type: `xstate.done.actor.${id}`, output: { found: true, gives: {} } },
    { type: `xstate.done.actor.${id}`, output: { found: false, gives: null } },
    { type: `xstate.error.actor.${id}`, error: { ...terminal, retryable: true } },
    { type: `xstate.error.actor.${id}`, error: terminal },
  ]),
];

/** Every snapshot the chart can rest in, and every state it passes through on the way. */
function explore(): { seen: Set<string>; resting: AnyMachineSnapshot[] } {
  const seen = new Set<string>();
  const resting = new Map<string, AnyMachineSnapshot>();
  const queue: AnyMachineSnapshot[] = [];
  const visit = (microsteps: readonly (readonly [unknown, unknown])[]): void => {
    const snapshots = microsteps.map(([snapshot]) => snapshot as AnyMachineSnapshot);
    for (const snapshot of snapshots) for (const node of snapshot._nodes) seen.add(node.id);
    const last = snapshots.at(-1);
    if (!last) return;
    const key = JSON.stringify([last.value, last.context]);
    if (resting.has(key)) return;
    resting.set(key, last);
    queue.push(last);
  };
  visit(getInitialMicrosteps(machine, {}));
  for (let next = queue.shift(); next; next = queue.shift()) {
    const from = next;
    for (const event of events) if (from.can(event)) visit(getMicrosteps(machine, from, event as never));
  }
  return { seen, resting: [...resting.values()] };
}

const explored = explore();

describe('the chart of a saga', () => {
  it('given every event at every moment, when explored, then every state is reachable', () => {
    expect(nodes.map((node) => node.id).filter((id) => !explored.seen.has(id))).toEqual([]);
    expect(explored.resting.length).toBeGreaterThan(200);
  });

  it('given any moment, when looked at, then exactly one status shows, and the control region agrees with it', () => {
    const fitting: Record<string, string[]> = {
      running: ['running'], waiting: ['running'], stopping: ['stopping'], stopped: ['stopped'], undoing: ['cancelling', 'undoing'],
      blocked: ['blocked'], completed: ['settled'], failed: ['settled'], cancelled: ['settled'],
    };
    for (const { tags, value } of explored.resting) {
      const shown = [...tags].filter((tag) => statuses.includes(tag));
      expect(shown).toHaveLength(1);
      expect(fitting[shown[0] as string]).toContain((value as { control: string }).control);
    }
  });

  it('given any moment, when asked what can happen next, then there is always something, unless the saga has ended', () => {
    for (const snapshot of explored.resting) {
      expect(events.some((event) => snapshot.can(event))).toBe(snapshot.status !== 'done');
    }
  });

  it('given a saga that has ended, when its output is read, then it says what the tag of the final state says', () => {
    const ended = explored.resting.filter((snapshot) => snapshot.status === 'done');
    expect(new Set(ended.map((snapshot) => snapshot.output.status))).toEqual(new Set(['completed', 'failed', 'cancelled']));
    for (const snapshot of ended) expect([...snapshot.tags]).toEqual([snapshot.output.status]);
  });

  it('given a person who reads the chart, when every state is drawn, then it is described, plainly named, and everything in it has a name', () => {
    const config = (node: AnyStateNode): { readonly entry?: unknown } => node.config as never;
    for (const node of nodes.filter((one) => one !== machine.root)) {
      expect(node.key).toMatch(/^[a-z]+(-[a-z]+)*$|^[a-z]+[A-Z][a-z]+$/);
      expect(node.description ?? `${node.id} says nothing`).not.toContain('says nothing');
      for (const action of (config(node).entry ?? []) as { type: string }[]) expect(typeof action.type).toBe('string');
    }
    expect(new Set(invokes).size).toBe(invokes.length);
    expect([...invokes].sort()).toEqual(['apply', 'check-fetch', 'fetch', 'notes', 'undo-apply', 'undo-fetch', 'undo-notes']);
    const text = JSON.stringify(machine.config, (_key, value: unknown) => (typeof value === 'function' ? 'code' : value));
    expect(text).toContain('"guard":{"type":"retryLeft","params":{"step":"apply"}}');
  });

  it('given the drawing order, when the work region is listed, then steps come first, then the undo in reverse, then the ends', () => {
    expect(Object.keys(machine.root.states['work']?.states ?? {})).toEqual(
      ['fetch', 'apply', 'notes', 'undo-notes', 'undo-apply', 'undo-fetch', 'undone', 'completed', 'failed', 'cancelled']);
  });
});
