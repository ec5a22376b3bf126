import { z } from 'zod';
import { step, type Step } from '../../../../src/machines/saga/step.ts';
import type { SagaSpec } from '../../../../src/machines/saga/types.ts';

const none = z.object({});
const nothing = async (): Promise<Record<string, never>> => ({});

/** A step that needs and gives nothing, with an undo. */
export const plain = (name: string, more: Partial<Step> = {}): Step =>
  step({ name, needs: none, gives: none, run: nothing, undo: async () => {}, ...more } as Step);

export const saga = (...steps: Step[]): SagaSpec => ({ name: 'demo', version: '1', input: z.object({}), steps });
/** Three plain steps: a, b, c. */
export const abc = (more: Partial<Record<'a' | 'b' | 'c', Partial<Step>>> = {}): SagaSpec =>
  saga(plain('a', more.a), plain('b', more.b), plain('c', more.c));

export const terminal = { name: 'TerminalError', code: 'never', message: 'never', retryable: false };
