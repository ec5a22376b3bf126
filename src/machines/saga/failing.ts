import { z } from 'zod';
import { redact } from '../../kernel/redact.ts';
import { named, type Transition } from './config.ts';
import { isChild } from './find.ts';
import type { Fold } from './record-forward.ts';
import type { SagaContext, SagaSpec } from './types.ts';

/** Its child has promised to fail, and runs on. Nothing is stopped or undone for that: only the child's end decides. */
const failing = z.strictObject({ run: z.string(), exitStatus: z.int(), reason: z.string().transform((text) => redact(text)).optional() });

export type Failing = z.output<typeof failing>;

/** A saga without children has nobody who could promise. */
export const hasChildren = (spec: SagaSpec): boolean => spec.steps.some(isChild);

/** What such a saga takes besides the commands of every saga. */
export const failingCommands = { failing } as const;

export const failingTransition: Transition = { actions: [named('noteFailing')], description: 'a child promised to fail' };

export function failingFolds() {
  /** The first promise stands. */
  const noteFailing: Fold = ({ context, event }) => {
    const { run, exitStatus, reason } = event as unknown as Failing;
    return context.failing === undefined ? { failing: { run, exitStatus, ...(reason === undefined ? {} : { reason }) } } : {};
  };
  /** Another attempt, another child: it has promised nothing. */
  const forgetFailing: Fold = ({ context }) => (context.failing === undefined ? {} : { failing: undefined } as unknown as Partial<SagaContext>);
  return { noteFailing, forgetFailing };
}
