import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkSpec } from '../../../src/machines/saga/checks.ts';
import { step, type Step } from '../../../src/machines/saga/step.ts';
import type { SagaSpec } from '../../../src/machines/saga/types.ts';
import { abc, plain, saga } from './support/specs.ts';

const codeOf = (spec: SagaSpec): string | undefined => {
  try {
    checkSpec(spec);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const giving = (name: string, gives: z.ZodObject, more: object = {}): Step => plain(name, { gives, ...more } as never);
const needing = (name: string, needs: z.ZodObject): Step => plain(name, { needs } as never);
const key = z.object({ k: z.string() });
const odd = (more: object): SagaSpec => saga(plain('a', more as never));

describe('what can be known to be wrong before the first saga runs', () => {
  it('given a sound saga, when it is checked, then nothing is said', () => {
    expect(codeOf(abc())).toBeUndefined();
    expect(codeOf(saga(giving('a', key), needing('b', key)))).toBeUndefined();
    expect(codeOf({ ...saga(needing('b', key)), input: key })).toBeUndefined();
  });

  it.each<[string, SagaSpec]>([
    ['no_steps', saga()],
    ['duplicate_step', saga(plain('a'), plain('a'))],
    ['bad_step_name', saga(plain('a.b'))],
    ['bad_step_name', saga(plain('Load'))],
    ['reserved_step_name', saga(plain('completed'))],
    ['reserved_step_name', saga(plain('undo-a'))],
    ['reserved_step_name', saga(plain('check-a'))],
    ['bad_saga_name', { ...abc(), name: 'a b' }],
    ['bad_saga_command', { ...abc(), createdBy: 'cancel' }],
    ['bad_saga_command', { ...abc(), createdBy: 'a.b' }],
    ['unknown_need', saga(needing('a', key))],
    ['unknown_need', saga(needing('a', key), giving('b', key))],
    ['unknown_need', saga(giving('a', key, { bookkeeping: true }), needing('b', key))],
    ['two_givers', saga(giving('a', key), giving('b', key))],
    ['two_givers', { ...saga(giving('a', key)), input: key }],
    ['bad_skip_gives', saga(giving('a', key, { skipIf: () => false }))],
    ['bad_skip_gives', saga(giving('a', key, { skipGives: { k: 'x' } }))],
    ['bad_step_work', odd({ run: undefined })],
    ['bad_step_work', odd({ child: {} })],
    ['bad_child_step', odd({ run: undefined, child: {}, childInput: () => null, settle: () => null, check: async () => undefined })],
    ['bad_child_step', odd({ run: undefined, child: {}, childInput: () => null, settle: () => null, timeoutMs: 4 })],
    ['bad_child_step', odd({ run: undefined, child: {} })],
    ['bad_child_step', odd({ onStop: 'stop' })],
    ['bad_child_step', odd({ run: undefined, child: { commands: {} }, childInput: () => null, settle: () => null, onStop: 'stop' })],
    ['bad_child_step', odd({ run: undefined, child: {}, childInput: () => null, settle: () => null, onStop: 'pause' })],
    ['bad_timeout', odd({ timeoutMs: 0 })],
    ['bad_after', saga(plain('a'), plain('b', { after: ['a'] }))],
    ['bad_after', { ...saga(plain('a', { after: ['b'] }), plain('b')), order: 'by-needs' }],
    ['bad_after', { ...saga(plain('a', { after: ['a'] })), order: 'by-needs' }],
    ['unknown_need', { ...saga(needing('a', key), giving('b', key)), order: 'by-needs' }],
    ['reserved_step_name', { ...saga(plain('choosing-undo')), order: 'by-needs' }],
    ['bad_saga_order', { ...abc(), order: 'parallel' as never }],
    ['bad_retry', odd({ retry: { attempts: 0, delayMs: 1 } })],
    ['bad_retry', odd({ undoRetry: { attempts: 1, delayMs: -1 } })],
    ['bad_retry', odd({ undo: undefined, undoRetry: { attempts: 1, delayMs: 1 } })],
    ['bad_retry', { ...abc(), rules: { retry: { attempts: 1.5, delayMs: 1 } } }],
    ['bad_retry', { ...abc(), rules: { undoRetry: { attempts: 2, delayMs: 1, factor: 0.5 } } }],
  ])('given a saga that cannot be sound, when it is checked, then it is refused as %s', (code, spec) => {
    expect(codeOf(spec)).toBe(code);
  });

  it('given an optional need, when nobody gives it, then that is fine', () => {
    expect(codeOf(saga(needing('a', z.object({ k: z.string().optional(), l: z.number().default(1) }))))).toBeUndefined();
  });

  it('given a refusal, when a person reads it, then it names the step and says what would have been right', () => {
    expect(() => checkSpec(saga(needing('load', key), giving('make', key)))).toThrowError(
      expect.objectContaining({ message: 'step "load" needs "k", which step "make" gives only later', hint: expect.stringContaining('earlier step') }));
    expect(step(plain('a')).name).toBe('a');
  });
});
