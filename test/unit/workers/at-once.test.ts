import { describe, expect, it } from 'vitest';
import type { ActivityScope, Definition } from '../../../src/kernel/definition.ts';
import { atOnce } from '../../../src/runtime/at-once.ts';

/** A definition of which only the activities matter here, and how to end each call. */
function calls() {
  const running: { name: string; end: (output: string) => void; fail: (error: Error) => void }[] = [];
  const code = (scope: ActivityScope<never>): Promise<unknown> => new Promise((end, fail) => { running.push({ name: scope.actor, end, fail }); });
  const definition = { activities: { work: code } } as unknown as Definition;
  return { running, definition };
}
const scope = (actor: string, signal = new AbortController().signal): never => ({ actor, signal }) as never;
const soon = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe('activities at once', () => {
  it('given a limit of two over two machines, when three start, then the third begins when one of the others has ended, however it ended', async () => {
    const one = calls();
    const two = calls();
    const [first, second] = atOnce([one.definition, two.definition], 2);
    const a = first?.activities.work?.(scope('a'));
    const b = second?.activities.work?.(scope('b'));
    const c = first?.activities.work?.(scope('c'));
    const d = second?.activities.work?.(scope('d'));
    await soon();
    expect([one.running.map(({ name }) => name), two.running.map(({ name }) => name)]).toEqual([['a'], ['b']]);
    two.running[0]?.fail(new Error('broken'));
    await expect(b).rejects.toThrow('broken');
    await soon();
    expect(one.running.map(({ name }) => name)).toEqual(['a', 'c']);
    one.running[0]?.end('done');
    await expect(a).resolves.toBe('done');
    await soon();
    expect(two.running.map(({ name }) => name)).toEqual(['b', 'd']);
    one.running[1]?.end('c');
    two.running[1]?.end('d');
    await expect(Promise.all([c, d])).resolves.toEqual(['c', 'd']);
  });

  it('given one that waits, when it is aborted, then it ends with the reason, never runs, and takes no place', async () => {
    const { running, definition } = calls();
    const [limited] = atOnce([definition], 1);
    const controller = new AbortController();
    void limited?.activities.work?.(scope('a'));
    const waiting = limited?.activities.work?.(scope('b', controller.signal));
    void limited?.activities.work?.(scope('c'));
    controller.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
    running[0]?.end('done');
    await soon();
    await soon();
    expect(running.map(({ name }) => name)).toEqual(['a', 'c']);
    await expect(limited?.activities.work?.(scope('d', AbortSignal.abort(new Error('at once'))))).rejects.toThrow('at once');
  });

  it.each([0, -1, 1.5, Number.NaN])('given %s, then it is refused', (limit) => {
    expect(() => atOnce([], limit)).toThrow(expect.objectContaining({ code: 'bad_concurrency' }) as Error);
  });
});
