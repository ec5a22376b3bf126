import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Definition } from '../../../src/kernel/definition.ts';
import { sagaChart } from '../../../src/machines/saga/chart.ts';
import type { Step } from '../../../src/machines/saga/step.ts';
import type { SagaSpec } from '../../../src/machines/saga/types.ts';
import { explore } from './support/explore.ts';
import { Play, statuses } from './support/play.ts';
import { plain, saga, terminal } from './support/specs.ts';

const byNeeds = (...steps: Step[]): SagaSpec => ({ ...saga(...steps), order: 'by-needs' });
const after = (...names: string[]): Partial<Step> => ({ after: names });
const giving = (name: string, needs: readonly string[] = []): Step => plain(name, {
  needs: z.object(Object.fromEntries(needs.map((key) => [key, z.string()]))), gives: z.object({ [name]: z.string() }),
} as never);

/** fetch, then compile and lint beside each other, pack after compile only, and ship when all is there. */
const fork = (more: Partial<Record<'fetch' | 'compile' | 'lint' | 'pack' | 'ship', Partial<Step>>> = {}): SagaSpec => byNeeds(
  plain('fetch', more.fetch), plain('compile', { ...after('fetch'), ...more.compile }), plain('lint', { ...after('fetch'), ...more.lint }),
  plain('pack', { ...after('compile'), ...more.pack }), plain('ship', { ...after('pack', 'lint'), ...more.ship }),
);
const forked = (more: Parameters<typeof fork>[0] = {}): Play => new Play(fork(more)).done('fetch');
const running = (play: Play): string[] => [...play.running.keys()].sort();

describe('steps that run as soon as they have what they need', () => {
  it('given steps of which two need the same output, when it is given, then both run at once, and what needs theirs waits for the right one', () => {
    const play = new Play(byNeeds(giving('source'), giving('binary', ['source']), giving('report', ['source']), giving('image', ['binary'])));
    play.done('source', { source: 's' });
    expect(running(play)).toEqual(['binary', 'report']);
    expect(play.done('binary', { binary: 'b' }).status).toBe('running');
    expect(running(play)).toEqual(['image', 'report']);
    expect(play.running.get('image')?.input).toEqual({ needs: { binary: 'b' }, attempt: 1 });
    play.done('image', { image: 'i' }).done('report', { report: 'r' });
    expect(play.output).toMatchObject({ status: 'completed', output: { source: 's', binary: 'b', report: 'r', image: 'i' } });
    expect(play.context.order).toEqual(['source', 'binary', 'image', 'report']);
  });

  it('given the same steps listed as ever, when the saga runs, then one runs after the other', () => {
    const play = new Play(saga(giving('source'), giving('binary', ['source']), giving('report', ['source'])));
    expect(running(play.done('source', { source: 's' }))).toEqual(['binary']);
  });

  it('given steps that all come one after the other, when the saga is drawn, then it is the chart of a listed saga', () => {
    const steps = (): Step[] => [giving('one'), giving('two', ['one']), giving('three', ['two'])];
    expect(new Play(byNeeds(...steps())).definition.stamp).toEqual(new Play(saga(...steps())).definition.stamp);
  });

  it('given steps side by side, when the saga is drawn, then they are regions of one state, and steps that everything comes after stand outside', () => {
    const chart = sagaChart(fork());
    const work = chart.root.states['work'];
    expect(Object.keys(work?.states ?? {})).toEqual(['fetch', 'side-by-side-1', 'ship', 'choosing-undo', 'undo-ship', 'undo-pack', 'undo-lint', 'undo-compile', 'undo-fetch', 'undone', 'completed', 'failed', 'cancelled']);
    const group = work?.states['side-by-side-1'];
    expect(group?.type).toBe('parallel');
    expect(Object.keys(group?.states ?? {})).toEqual(['compile', 'lint', 'pack']);
    expect(group?.states['pack']?.states['awaiting']?.description).toBe('Waits for compile.');
    expect(group?.states['lint']?.states['awaiting']).toBeUndefined();
  });

  it('given a step that backs off, when its sibling goes on, then neither waits for the other, and the saga counts as running', () => {
    const play = forked();
    play.fail('lint');
    expect(play.status).toBe('running');
    play.done('compile');
    expect(running(play)).toEqual(['pack']);
    play.done('pack');
    expect(play.status).toBe('waiting');
    expect(play.fire()).toBe(1_000);
    expect(running(play.done('lint'))).toEqual(['ship']);
  });

  it('given a step that fails for good, when its sibling runs, then nothing begins, the sibling is aborted and awaited, and only then the undo begins', () => {
    const play = forked();
    play.fail('lint', terminal);
    expect(play.running.get('compile')?.aborting).toBe(true);
    expect(play.status).toBe('undoing');
    expect(play.value.control).toBe('undoing');
    expect(play.send('stop')).toBe(false);
    expect(running(play)).toEqual(['compile']);
    play.fail('compile', { code: 'aborted' });
    expect(play.story).toEqual(['fetch', 'compile', 'lint', 'abort compile', 'undo-lint']);
    play.done('undo-lint').done('undo-compile').done('undo-fetch');
    expect(play.output).toMatchObject({ status: 'failed', error: { code: 'never' }, undone: ['lint', 'compile', 'fetch'] });
  });

  it('given a sibling that completes all the same while it is aborted, when the saga turns back, then what needs it does not begin, and it is undone before what completed earlier', () => {
    const play = forked();
    play.fail('lint', terminal).done('compile');
    expect(play.story).not.toContain('pack');
    play.done('undo-lint').done('undo-compile').done('undo-fetch');
    expect(play.output.undone).toEqual(['lint', 'compile', 'fetch']);
  });

  it('given steps that completed in another order than they are listed, when a later one fails, then it is undone first, and they in reverse of how they completed', () => {
    const play = forked();
    play.done('compile').done('pack').done('lint').fail('ship', terminal);
    for (const undo of ['undo-ship', 'undo-lint', 'undo-pack', 'undo-compile', 'undo-fetch']) {
      expect(running(play)).toEqual([undo]);
      play.done(undo);
    }
    expect(play.output).toMatchObject({ status: 'failed', undone: ['ship', 'lint', 'pack', 'compile', 'fetch'] });
    const other = forked();
    other.done('lint').done('compile').done('pack').fail('ship', terminal).done('undo-ship');
    expect(running(other)).toEqual(['undo-pack']);
  });

  it('given an undo that fails for good, when steps ran side by side, then nothing before it is undone, and abandoning lists what stays in the order of the undo', () => {
    const play = forked();
    play.done('compile').done('pack').done('lint').fail('ship', terminal).done('undo-ship').fail('undo-lint', terminal);
    expect(play.status).toBe('blocked');
    expect(play.context.blocked).toMatchObject({ step: 'lint', remaining: ['lint', 'pack', 'compile', 'fetch'] });
    expect(play.running.size).toBe(0);
    play.send('abandon', { by: 'ann' });
    expect(play.output).toMatchObject({ status: 'failed', undone: ['ship'], left: ['lint', 'pack', 'compile', 'fetch'] });
  });

  it('given stop, when several run, then all are aborted, the saga is stopped only when none runs, and start takes each up again', () => {
    const play = forked({ lint: { check: async () => undefined } as never });
    play.done('check-lint', { found: false, gives: null }).send('stop');
    expect([...play.running.values()].map(({ id, aborting }) => [id, aborting])).toEqual([['compile', true], ['lint', true]]);
    expect(play.status).toBe('stopping');
    play.fail('lint', { code: 'aborted' });
    expect(play.status).toBe('stopping');
    play.fail('compile', { code: 'aborted' });
    expect(play.status).toBe('stopped');
    expect(play.context.phase).toBe('paused');
    expect(play.send('start')).toBe(true);
    expect(running(play)).toEqual(['check-lint', 'final-check-compile']);
  });

  it('given stop, when one is paused and the last that runs completes, then the saga is stopped, and start takes up only what is left', () => {
    const play = forked();
    play.send('stop');
    play.fail('lint', { code: 'aborted' }).done('compile');
    expect(play.status).toBe('stopped');
    expect(play.value.control).toBe('stopped');
    play.send('start');
    expect(running(play)).toEqual(['lint', 'pack']);
  });

  it('given stop while one backs off and another runs, when that one is paused too, then no timer is left', () => {
    const play = forked();
    play.fail('lint').send('stop');
    expect(play.timers.size).toBe(0);
    expect(play.status).toBe('stopping');
    play.fail('compile');
    expect(play.status).toBe('stopped');
  });

  it('given stop of the last stage of all, when everything completes all the same, then the saga is completed', () => {
    const play = new Play(byNeeds(plain('a'), plain('b')));
    play.send('stop');
    expect(play.done('a').done('b').output.status).toBe('completed');
  });

  it('given cancel, when several run, then all are aborted and awaited before the first undo, what may be applied goes first, and the saga is cancelled', () => {
    const play = forked();
    play.done('compile').send('cancel');
    expect([...play.running.values()].every(({ aborting }) => aborting)).toBe(true);
    play.fail('pack');
    expect(running(play)).toEqual(['lint']);
    play.done('lint');
    expect(running(play)).toEqual(['undo-pack']);
    play.done('undo-pack').done('undo-lint').done('undo-compile').done('undo-fetch');
    expect(play.output).toMatchObject({ status: 'cancelled', undone: ['pack', 'lint', 'compile', 'fetch'] });
  });

  it('given cancel of a stopped saga, when nothing runs, then it undoes at once', () => {
    const play = forked();
    play.send('stop');
    play.done('lint').fail('compile', { code: 'aborted' }).send('cancel');
    expect(running(play)).toEqual(['undo-compile']);
  });

  it('given a time-out, when it strikes one of several, then only that one is aborted and tried again', () => {
    const play = forked({ lint: { timeoutMs: 50 } as never });
    play.fire();
    expect([...play.running.values()].filter(({ aborting }) => aborting).map(({ id }) => id)).toEqual(['lint']);
    play.fail('lint', { code: 'aborted' });
    expect(play.context.steps['lint']?.error?.code).toBe('step_timeout');
    play.fire();
    expect(running(play)).toEqual(['compile', 'lint']);
  });

  it('given a step that does not apply and bookkeeping that fails, when others need them over, then those begin all the same', () => {
    const play = forked({ compile: { skipIf: () => 'nothing to compile' }, lint: { bookkeeping: true } });
    expect(running(play)).toEqual(['lint', 'pack']);
    play.fail('lint', terminal).done('pack');
    expect(running(play)).toEqual(['ship']);
    play.done('ship');
    expect(play.output).toMatchObject({ status: 'completed', warnings: [{ step: 'lint' }] });
  });

  it('given bookkeeping that failed before a step that came after it completed, when the saga turns back, then that step is undone before it', () => {
    const play = forked({ compile: { bookkeeping: true } });
    play.fail('compile', terminal).done('pack').done('lint').fail('ship', terminal);
    play.done('undo-ship').done('undo-lint').done('undo-pack').done('undo-compile').done('undo-fetch');
    expect(play.output.undone).toEqual(['ship', 'lint', 'pack', 'compile', 'fetch']);
  });

  it('given a child beside an activity, when the activity fails for good, then the child is told to stop and its end is awaited', () => {
    const child = { run: undefined, child: { stamp: { name: 'job' } } as unknown as Definition, childInput: () => ({}), settle: () => ({ ok: true, gives: {} }) };
    const play = forked({ compile: child as never });
    play.fail('lint', terminal);
    expect(play.running.get('compile')).toMatchObject({ child: true, aborting: true });
    play.done('compile', { status: 'cancelled' });
    expect(running(play)).toEqual(['undo-lint']);
  });

  it('given a step that cannot begin, when its sibling would begin in the same moment, then the saga turns back and the sibling is aborted at once', () => {
    const play = forked({ lint: { skipIf: () => { throw new Error('hm'); } } });
    expect(play.context.error).toMatchObject({ code: 'bad_skip' });
    expect(play.running.get('compile')?.aborting).toBe(true);
    play.done('compile').done('undo-compile').done('undo-fetch');
    expect(play.output.status).toBe('failed');
  });
});

describe('the chart of a saga with steps side by side', () => {
  const once = { attempts: 2, delayMs: 5 };
  const chart = sagaChart(byNeeds(
    plain('compile', { check: async () => undefined, timeoutMs: 50, retry: once, undoRetry: once } as never),
    plain('pack', { ...after('compile'), retry: once, undoRetry: once }),
    plain('lint', { bookkeeping: true, retry: once, undoRetry: once }),
  ));
  // How often something was tried makes no moment of its own here: there are very many of those.
  const explored = explore(chart, ({ value, context: { control, phase, error, order, steps } }) =>
    [value, control.wish, phase, error === null, order, Object.values(steps as object).map(({ applied, attempts }: { applied: string; attempts: number }) => [applied, attempts])]);

  it('given every event at every moment, when explored, then every state is reachable, and each says what it is', () => {
    expect(explored.nodes.filter(({ id }) => !explored.seen.has(id)).map(({ id }) => id)).toEqual([]);
    expect(explored.nodes.filter((node) => node !== chart.root && node.description === undefined).map(({ id }) => id)).toEqual([]);
  });

  it('given any moment, when looked at, then a status shows, something can still happen unless it has ended, and no undo is under way while a step is', () => {
    for (const snapshot of explored.resting) {
      expect([...snapshot.tags].some((tag) => statuses.includes(tag))).toBe(true);
      expect(explored.events.some((event) => snapshot.can(event))).toBe(snapshot.status !== 'done');
      const ids = Object.keys(snapshot.children);
      if (ids.some((id) => id.startsWith('undo-'))) expect(ids).toHaveLength(1);
      if ((snapshot.value as { control: string }).control === 'stopped') expect(ids).toEqual([]);
    }
  });
});
