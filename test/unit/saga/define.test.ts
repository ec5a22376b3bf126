import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import { freeze } from '../../../src/kernel/freeze.ts';
import { fold } from '../../../src/kernel/replay.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step } from '../../../src/machines/saga/step.ts';
import { Play } from './support/play.ts';
import { abc, plain, saga, terminal } from './support/specs.ts';

describe('defineSaga', () => {
  it('given a saga, when it is defined, then it is a machine of its own with its commands, code and children', () => {
    const inner = defineSaga({ ...abc(), name: 'inner' });
    const call = step({ name: 'call', needs: z.object({}), gives: z.object({}), child: inner, childInput: () => ({}), settle: () => ({ ok: true, gives: {} }) });
    const outer = defineSaga({ ...saga(plain('a', { check: async () => undefined } as never), call), version: '2', createdBy: 'begin' });
    expect(outer.stamp).toMatchObject({ name: 'demo', version: '2' });
    expect(outer.createdBy).toBe('begin');
    expect(inner.createdBy).toBe('create');
    expect(Object.keys(outer.commands)).toEqual(['stop', 'start', 'cancel', 'retry-undo', 'abandon', 'failing']);
    expect(Object.keys(outer.activities).sort()).toEqual(['a', 'check-a', 'undo-a']);
    expect(outer.children).toEqual({ call: 'inner' });
    expect(outer.actions).toEqual({});
  });

  it('given a rule that changes how a log is folded, when it changes, then the definition is another one', () => {
    const needing = (schema: z.ZodObject): string => defineSaga({ ...saga(plain('a', { needs: schema } as never)), input: z.object({ n: z.number() }) }).stamp.hash;
    const hashes = [
      defineSaga(abc()).stamp.hash,
      defineSaga(abc({ a: { retry: { attempts: 4, delayMs: 1 } } })).stamp.hash,
      defineSaga(abc({ a: { undoRetry: { attempts: 4, delayMs: 1 } } })).stamp.hash,
      defineSaga(abc({ a: { timeoutMs: 5 } as never })).stamp.hash,
      defineSaga(abc({ a: { bookkeeping: true } })).stamp.hash,
      needing(z.object({ n: z.number() })),
      needing(z.object({ n: z.number().min(3) })),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(defineSaga(abc()).stamp.hash).toBe(hashes[0]);
  });

  it('given an unsound saga, when it is defined, then it is refused by name', () => {
    expect(() => defineSaga(saga())).toThrowError(expect.objectContaining({ code: 'no_steps', retryable: false }));
  });

  it('given the log of a saga that was stopped, failed and undone, when it is folded again, then it says the same, byte for byte', () => {
    const play = new Play(abc());
    play.fail('a');
    play.fire();
    play.send('stop', { reason: 'lunch' });
    play.done('a');
    play.send('start');
    play.fail('b', terminal).done('undo-b').done('undo-a');
    const { state } = fold(play.definition, play.log);
    expect(play.output.status).toBe('failed');
    expect(canonicalJson(freeze(state))).toBe(canonicalJson(freeze(play.state)));
  });

  it('given a long saga whose steps are all skipped, when it is created, then it completes in one record', () => {
    const skipped = Array.from({ length: 300 }, (_, index) => plain(`s${index}`, { skipIf: () => 'not today' }));
    const play = new Play(saga(...skipped));
    expect(play.log).toHaveLength(1);
    expect(play.output.status).toBe('completed');
  });
});
