import { z } from 'zod';
import type { Definition } from '../../../src/kernel/definition.ts';
import { RetryableError, TerminalError } from '../../../src/kernel/errors.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import { step, type StepScope, type UndoScope } from '../../../src/machines/saga/step.ts';
import type { Hands } from './hands.ts';

export const sagaSteps = ['reserve', 'charge', 'pack', 'ship'] as const;
export type SagaStep = (typeof sagaSteps)[number];

export interface SagaCourse {
  /** This step does its deed and then fails for good. */
  readonly fails?: SagaStep;
  /** The first run of this activity hangs until it is aborted. */
  readonly hangs?: string;
}

/** Four steps: `reserve` looks first whether it is done, `charge` succeeds at its second attempt. */
export const sagaOf = (course: SagaCourse) => (hands: Hands): readonly Definition[] => {
  const hangs = (activity: string): { hangs?: string } => (activity === course.hangs ? { hangs: activity } : {});
  const run = (name: SagaStep) => async ({ key, signal, stepKey, attempt }: StepScope<unknown>): Promise<Record<string, string>> => {
    await hands.act({ key, what: name, signal, adds: stepKey, ...hangs(name) });
    if (course.fails === name) throw new TerminalError('sold_out', `${name} can never be done`);
    if (name === 'charge' && attempt === 1) throw new RetryableError('busy', 'try again');
    return { [name]: stepKey };
  };
  const undo = (name: SagaStep) => async ({ key, signal, stepKey }: UndoScope<unknown, unknown>): Promise<void> => {
    await hands.act({ key, what: `undo ${name}`, signal, removes: stepKey, ...hangs(`undo ${name}`) });
  };
  const of = (name: SagaStep, before: readonly SagaStep[]) => ({
    name, needs: z.object(Object.fromEntries(before.map((key) => [key, z.string()]))), gives: z.object({ [name]: z.string() }),
    run: run(name), undo: undo(name), timeoutMs: 60_000, retry: { attempts: 3, delayMs: 20_000 },
  });
  const check = async ({ stepKey, key, signal }: StepScope<unknown>): Promise<Record<string, string> | undefined> => {
    await hands.act({ key, what: 'check reserve', signal, ...hangs('check reserve') });
    return hands.has(stepKey) ? { reserve: stepKey } : undefined;
  };
  return [defineSaga({
    name: 'errand', version: '1', input: z.object({}),
    steps: [step({ ...of('reserve', []), check }), step(of('charge', ['reserve'])), step(of('pack', ['charge'])), step(of('ship', ['reserve', 'pack']))],
  })];
};
