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

  it('given a place for one, when the activity in it waits, then others run meanwhile, and it goes on when a place is free', async () => {
    const story: string[] = [];
    const waits: (() => void)[] = [];
    const ends: (() => void)[] = [];
    const wait = (): Promise<void> => new Promise((resolve) => { waits.push(resolve); });
    const code = async (scope: ActivityScope<never>): Promise<unknown> => {
      story.push(`${scope.actor} begins`);
      if ((scope.actor as string) === 'poller') await scope.wait(10);
      else await new Promise<void>((resolve) => { ends.push(resolve); });
      story.push(`${scope.actor} goes on`);
      return scope.actor;
    };
    const [limited] = atOnce([{ activities: { work: code } } as unknown as Definition], 1);
    const poller = limited?.activities.work?.({ actor: 'poller', signal: new AbortController().signal, wait } as never);
    const worker = limited?.activities.work?.(scope('worker'));
    await soon();
    expect(story).toEqual(['poller begins', 'worker begins']);
    // Its time has come, and its place is taken.
    waits[0]?.();
    await soon();
    expect(story).toEqual(['poller begins', 'worker begins']);
    ends[0]?.();
    await expect(Promise.all([poller, worker])).resolves.toEqual(['poller', 'worker']);
    expect(story.at(-1)).toBe('poller goes on');
  });

  it('given one that is aborted while it waits, and one that nobody awaited the wait of, when both are over, then no place is taken for ever', async () => {
    let overdue = (): void => {};
    const wait = (): Promise<void> => new Promise((resolve) => { overdue = resolve; });
    const aborted = (): Promise<void> => Promise.reject(new Error('no longer wanted'));
    const codes: Record<string, (given: ActivityScope<never>) => Promise<unknown>> = {
      careless: (given) => { void given.wait(10); return Promise.resolve('done'); },
      abortable: (given) => given.wait(10),
      plain: () => Promise.resolve('runs'),
    };
    const [limited] = atOnce([{ activities: codes } as unknown as Definition], 1);
    const call = (name: string, how: () => Promise<void>): Promise<unknown> | undefined => limited?.activities[name]?.({ actor: name, signal: new AbortController().signal, wait: how } as never);
    await expect(call('abortable', aborted)).rejects.toThrow('no longer wanted');
    await expect(call('careless', wait)).resolves.toBe('done');
    overdue();
    await soon();
    await expect(call('plain', wait)).resolves.toBe('runs');
    await expect(call('plain', wait)).resolves.toBe('runs');
  });

  it.each([0, -1, 1.5, Number.NaN])('given %s, then it is refused', (limit) => {
    expect(() => atOnce([], limit)).toThrow(expect.objectContaining({ code: 'bad_concurrency' }) as Error);
  });
});
