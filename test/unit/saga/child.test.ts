import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Definition } from '../../../src/kernel/definition.ts';
import { step } from '../../../src/machines/saga/step.ts';
import { Play } from './support/play.ts';
import { plain, saga } from './support/specs.ts';

const gone = { name: 'TerminalError', code: 'run_failed', message: 'exit 1', retryable: false };

/** A saga whose second step is another actor that ends with `{ status, artifact }`. */
function withChild(more: object = {}) {
  const compile = step({
    name: 'compile', needs: z.object({ source: z.string() }), gives: z.object({ artifact: z.string() }),
    child: { stamp: { name: 'run', version: '1', hash: 'x' } } as unknown as Definition,
    childInput: ({ source }) => ({ head: source }),
    settle: (output) => {
      const { status, artifact } = output as { status: string; artifact?: string };
      if (status === 'away') return { ok: false, error: { ...gone, code: 'runner_away', retryable: true } };
      return status === 'succeeded' ? { ok: true, gives: { artifact: artifact as string } } : { ok: false, error: gone };
    },
    undo: async () => {},
    ...more,
  });
  return { ...saga(plain('a'), compile, plain('c')), input: z.object({ source: z.string() }) };
}

const compiling = (more: object = {}): Play => new Play(withChild(more), { source: 's' }).done('a');

describe('a step whose work is another actor', () => {
  it('given the child succeeds, when it ends, then what settle makes of its output is given', () => {
    const play = compiling();
    expect(play.running.get('compile')?.input).toEqual({ head: 's' });
    play.done('compile', { status: 'succeeded', artifact: 'd1' });
    expect(play.context.data).toEqual({ source: 's', artifact: 'd1' });
    expect([...play.running.keys()]).toEqual(['c']);
  });

  it('given the child ends without success, when settle says so for good, then the saga turns back', () => {
    const play = compiling().done('compile', { status: 'failed' });
    expect(play.context.error).toMatchObject({ code: 'run_failed' });
    expect([...play.running.keys()]).toEqual(['undo-compile']);
  });

  it('given the child ends without success, when it may succeed later, then a fresh child is started after the delay', () => {
    const play = compiling().done('compile', { status: 'away' });
    expect(play.status).toBe('waiting');
    play.fire();
    expect(play.story.filter((id) => id === 'compile')).toHaveLength(2);
  });

  it('given the child actor itself fails, when that is final, then it counts as the step\'s failure', () => {
    expect(compiling().fail('compile', gone).context.error).toMatchObject({ code: 'run_failed' });
  });

  it('given a child that says success but gives the wrong thing, when it ends, then the step fails with bad_step_output', () => {
    expect(compiling().done('compile', { status: 'succeeded' }).context.error).toMatchObject({ code: 'bad_step_output' });
  });

  it('given settle throws, when the child ends, then the step fails with bad_step_output', () => {
    expect(compiling().done('compile', null).context.error).toMatchObject({ code: 'bad_step_output' });
  });

  it('given childInput throws, when the step is reached, then the saga turns back before a child exists', () => {
    const play = compiling({ childInput: () => { throw new Error('hm'); } });
    expect(play.context.error).toMatchObject({ code: 'bad_step_input' });
    expect(play.story).not.toContain('compile');
  });

  it('given a running child, when stopped, then the child is told to stop, its end awaited, and start makes a fresh one', () => {
    const play = compiling();
    play.send('stop');
    expect(play.running.get('compile')?.aborting).toBe(true);
    play.done('compile', { status: 'cancelled' });
    expect(play.status).toBe('stopped');
    play.send('start');
    expect(play.story).toEqual(['a', 'compile', 'abort compile', 'compile']);
  });

  it('given a running child, when cancelled, then its end is awaited before its own undo', () => {
    const play = compiling();
    play.send('cancel');
    play.done('compile', { status: 'cancelled' });
    expect(play.story).toEqual(['a', 'compile', 'abort compile', 'undo-compile']);
    expect(play.running.get('undo-compile')?.input).toEqual({ needs: { source: 's' }, attempt: 1 });
  });
});

describe('a child that stop and start are handed on to', () => {
  const child = { stamp: { name: 'run', version: '1', hash: 'x' }, commands: { stop: z.object({}), start: z.object({}) } } as unknown as Definition;
  const pausing = (): Play => compiling({ child, onStop: 'stop' });
  const stopped = (): Play => {
    const play = pausing();
    play.send('stop');
    return play.told('compile', 'stopped', 5);
  };

  it('given a running child, when the saga is stopped, then the child is stopped and not cancelled, and the saga counts as stopped once the child has said so', () => {
    const play = pausing();
    play.send('stop');
    expect(play.status).toBe('stopping');
    expect(play.told('compile', 'stopped', 5).status).toBe('stopped');
    expect(play.value.control).toBe('stopped');
    expect(play.story).toEqual(['a', 'compile', 'stop compile']);
  });

  it('given a stopped saga, when it is started, then its child is started, no fresh one is made, and what it makes is taken', () => {
    const play = stopped();
    play.send('start');
    expect(play.status).toBe('running');
    play.told('compile', 'resumed', 7).done('compile', { status: 'succeeded', artifact: 'd1' });
    expect(play.story).toEqual(['a', 'compile', 'stop compile', 'start compile', 'c']);
  });

  it('given a child that ends while it is told to stop, when it has succeeded, then the pause is before the next step', () => {
    const play = pausing();
    play.send('stop');
    play.done('compile', { status: 'succeeded', artifact: 'd1' });
    expect(play.status).toBe('stopped');
    play.send('start');
    expect([...play.running.keys()]).toEqual(['c']);
  });

  it('given a child that somebody stopped by itself, when the saga is stopped, then it need not wait for the child; when the child went on meanwhile, it does', () => {
    const play = pausing().told('compile', 'stopped', 5);
    expect(play.status).toBe('running');
    play.send('stop');
    expect(play.status).toBe('stopped');
    const other = pausing().told('compile', 'stopped', 5).told('compile', 'resumed', 6);
    other.send('stop');
    expect(other.status).toBe('stopping');
  });

  it('given a stopped saga, when it is cancelled, then the stopped child is cancelled, its end awaited, and only then the undo begins', () => {
    const play = stopped();
    play.send('cancel');
    expect([...play.running.keys()]).toEqual(['compile']);
    expect(play.running.get('compile')?.aborting).toBe(true);
    play.done('compile', { status: 'cancelled' });
    expect([...play.running.keys()]).toEqual(['undo-compile']);
  });

  it('given a saga that was stopped and started again, when it is stopped once more, then an old word of the child that it is stopped is not taken for a new one', () => {
    const play = stopped();
    play.send('start');
    play.send('stop');
    expect(play.status).toBe('stopping');
    expect(play.told('compile', 'resumed', 7).status).toBe('stopping');
    expect(play.told('compile', 'stopped', 8).status).toBe('stopped');
  });
});
