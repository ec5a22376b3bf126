import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { sagaChart } from '../../../src/machines/saga/chart.ts';
import { explore } from './support/explore.ts';
import { statuses } from './support/play.ts';
import { plain, saga } from './support/specs.ts';

const short = { attempts: 2, delayMs: 5 };
const machine: AnyStateMachine = sagaChart(saga(
  plain('fetch', { check: async () => undefined, timeoutMs: 50, retry: short, undoRetry: short } as never),
  plain('apply', { retry: short, undoRetry: short, skipIf: () => false }),
  plain('notes', { bookkeeping: true, retry: short, undoRetry: short }),
));

const explored = explore(machine);
const { nodes, invokes, events } = explored;

describe('the chart of a saga', () => {
  it('given every event at every moment, when explored, then every state is reachable', () => {
    expect(nodes.map((node) => node.id).filter((id) => !explored.seen.has(id))).toEqual([]);
    expect(explored.resting.length).toBeGreaterThan(200);
  });

  it('given any moment, when looked at, then exactly one status shows, and the control region agrees with it', () => {
    const fitting: Record<string, string[]> = {
      running: ['running', 'starting'], waiting: ['running', 'starting'], stopping: ['stopping', 'restarting'], stopped: ['stopped'], undoing: ['cancelling', 'undoing'],
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
