import { z } from 'zod';
import type { Definition } from '../../../src/kernel/definition.ts';
import { defineSaga } from '../../../src/machines/saga/define.ts';
import type { Json } from '../../../src/kernel/json.ts';
import { step, type ChildStep } from '../../../src/machines/saga/step.ts';
import type { Hands } from './hands.ts';

const gives = (name: string): z.ZodObject => z.object({ [name]: z.string() });
const needs = (...names: readonly string[]): z.ZodObject => z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
const undo = { undo: async (): Promise<void> => undefined, undoRetry: { attempts: 3, delayMs: 1_000 } };

/** A step that gives its own key; what it does to the world is the hands' affair. */
const plain = (name: string, ...before: readonly string[]) => ({
  name, needs: needs(...before), gives: gives(name), retry: { attempts: 3, delayMs: 1_500 },
  run: async ({ stepKey }: { readonly stepKey: string }): Promise<Record<string, string>> => ({ [name]: stepKey }),
});

/** Retries, a check, a time-out, a step that may be skipped, and bookkeeping. */
const errand = (hands: Hands): Definition => defineSaga({
  name: 'errand', version: '1', input: z.object({ light: z.boolean().default(false) }),
  steps: [
    step({ ...plain('reserve'), ...undo, check: async ({ stepKey }) => (hands.has(stepKey) ? { reserve: stepKey } : undefined) }),
    step({ ...plain('charge', 'reserve'), ...undo, timeoutMs: 8_000 }),
    step({ ...plain('pack'), ...undo, needs: z.object({ light: z.boolean() }), skipIf: ({ light }) => (light ? 'it needs no packing' : false), skipGives: { pack: 'none' } }),
    step({ ...plain('ship', 'reserve', 'pack'), ...undo }),
    step({ ...plain('file', 'ship'), bookkeeping: true }),
  ],
});

const leg: Definition = defineSaga({ name: 'leg', version: '1', input: z.object({}), steps: [step({ ...plain('lift'), ...undo }), step({ ...plain('carry', 'lift'), ...undo })] });

const legDone = (output: Json): ReturnType<ChildStep<z.ZodObject, z.ZodObject>['settle']> => ((output as { status?: string } | null)?.status === 'completed'
  ? { ok: true, gives: { leg: 'done' } }
  : { ok: false, error: { name: 'RetryableError', code: 'leg_failed', message: 'the leg was not done', retryable: true } });

/** Beside a saga that it hands stop and start on to, something else is under way. */
const voyage: Definition = defineSaga({
  name: 'voyage', version: '1', input: z.object({}), order: 'by-needs',
  steps: [
    step({ ...plain('book'), ...undo }),
    step({ name: 'leg', needs: needs('book'), gives: gives('leg'), child: leg, childInput: () => ({}), retry: { attempts: 2, delayMs: 1_000 }, onStop: 'stop', settle: legDone }),
    step({ ...plain('visa', 'book'), ...undo }),
    step({ ...plain('pay', 'leg', 'visa'), ...undo }),
  ],
});

/** One of its steps is a saga of its own. */
const trip: Definition = defineSaga({
  name: 'trip', version: '1', input: z.object({}),
  steps: [
    step({ ...plain('book'), ...undo }),
    step({
      name: 'leg', needs: needs('book'), gives: gives('leg'), child: leg, childInput: () => ({}), retry: { attempts: 2, delayMs: 1_000 },
      settle: legDone,
    }),
    step({ ...plain('pay', 'leg'), ...undo }),
  ],
});

/** Stage, lights and sound side by side, with a check, a time-out and a step in a row of its own; what they cost is asked for when all stands. */
const fair = (hands: Hands): Definition => defineSaga({
  name: 'fair', version: '1', input: z.object({}), order: 'by-needs',
  steps: [
    step({ ...plain('plan'), ...undo }),
    step({ ...plain('stage', 'plan'), ...undo, check: async ({ stepKey }) => (hands.has(stepKey) ? { stage: stepKey } : undefined) }),
    step({ ...plain('lights', 'plan'), ...undo, timeoutMs: 8_000 }),
    step({ ...plain('sound', 'stage'), ...undo }),
    step({ ...plain('posters'), ...undo, after: ['plan'] }),
    step({ ...plain('open', 'lights', 'sound'), ...undo, after: ['posters'] }),
  ],
});

export const sagas = (hands: Hands): readonly Definition[] => [errand(hands), leg, trip, voyage, fair(hands)];

/** Steps of each saga whose effect the world shows, in order; those that are never undone aside. */
export const sagaSteps: Readonly<Record<string, readonly string[]>> = {
  errand: ['reserve', 'charge', 'pack', 'ship'], leg: ['lift', 'carry'], trip: ['book', 'pay'], voyage: ['book', 'visa', 'pay'], fair: ['plan', 'stage', 'lights', 'sound', 'posters', 'open'],
};
