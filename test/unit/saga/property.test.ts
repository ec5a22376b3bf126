import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Definition } from '../../../src/kernel/definition.ts';
import type { Step } from '../../../src/machines/saga/step.ts';
import { needsOf } from '../../../src/machines/saga/needs.ts';
import type { SagaSpec } from '../../../src/machines/saga/types.ts';
import { Play } from './support/play.ts';
import { plain, saga } from './support/specs.ts';
import { World } from './support/world.ts';

interface Shape {
  readonly undo: boolean;
  readonly check: boolean;
  readonly child: boolean;
  readonly timeout: boolean;
  readonly bookkeeping: boolean;
  readonly skipped: boolean;
  readonly doneBefore: boolean;
  readonly attempts: number;
  readonly undoAttempts: number;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  undo: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  check: fc.boolean(), child: fc.integer({ min: 0, max: 3 }).map((n) => n === 0), timeout: fc.boolean(),
  bookkeeping: fc.integer({ min: 0, max: 9 }).map((n) => n === 0), skipped: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  doneBefore: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  attempts: fc.integer({ min: 1, max: 3 }), undoAttempts: fc.integer({ min: 1, max: 2 }),
});

function toStep(name: string, s: Shape): Step {
  const child = { run: undefined, child: { stamp: { name: 'job' } } as unknown as Definition, childInput: () => ({}),
    settle: (output: unknown) => ((output as { ok?: boolean }).ok ? { ok: true, gives: {} } : { ok: false, error: { name: 'RetryableError', code: 'oops', message: 'no', retryable: true } }) };
  return plain(name, {
    retry: { attempts: s.attempts, delayMs: 10 },
    ...(s.undo ? { undoRetry: { attempts: s.undoAttempts, delayMs: 10 } } : { undo: undefined }),
    ...(s.bookkeeping ? { bookkeeping: true } : {}),
    ...(s.skipped ? { skipIf: () => 'not here' } : {}),
    ...(s.child ? child : { ...(s.check ? { check: async () => undefined } : {}), ...(s.timeout ? { timeoutMs: 100 } : {}) }),
  } as never);
}

/** Which of the steps before it each one comes after, as bits. */
const after = fc.array(fc.nat({ max: 63 }), { minLength: 6, maxLength: 6 });

const plan = fc.record({ after, shapes: fc.array(shape, { minLength: 1, maxLength: 6 }), moves: fc.array(fc.nat({ max: 999 }), { minLength: 20, maxLength: 60 }) });

describe('any schedule of ends, failures, stop, start, cancel, timers, retry-undo and abandon', () => {
  it('given any saga, when driven at random to rest, then everything is completed, or undone exactly once and in reverse, or left by name', () => {
    expect(rareEnds((steps) => saga(...steps))).toEqual([]);
  });

  it('given any graph of steps that run by their needs, when driven at random to rest, then nothing is undone while a step may still run, and everything is completed, or undone in reverse of completion, or left by name', () => {
    let most = 0;
    const rare = rareEnds((steps, bits) => ({
      ...saga(...steps.map((step, index) => ({ ...step, after: steps.slice(0, index).flatMap(({ name }, nth) => (((bits[index] ?? 0) >> nth) % 2 === 1 ? [name] : [])) }))), order: 'by-needs',
    }), (play) => { most = Math.max(most, play.running.size); });
    expect(rare).toEqual([]);
    expect(most).toBeGreaterThan(3);
  });
});

/** Drives 300 sagas; gives the ends that hardly any of them came to. */
function rareEnds(make: (steps: readonly Step[], bits: readonly number[]) => SagaSpec, look: (play: Play) => void = () => undefined): string[] {
  const ends = new Map<string, number>();
  fc.assert(fc.property(plan, ({ shapes, moves, after: bits }) => {
    const steps = shapes.map((one, index) => toStep(`s${index}`, one));
    const done = shapes.flatMap((one, index) => (one.check && one.doneBefore && !one.child && !one.skipped ? [`s${index}`] : []));
    const spec = make(steps, bits);
    const play = new Play(spec);
    const world = new World(play, spec.steps, done, spec.order === 'by-needs' ? needsOf(spec) : undefined);
    for (const move of moves) {
      world.move(move);
      look(play);
    }
    world.settle();
    world.judgeEnd();
    const end = play.context.abandoned ? 'abandoned' : play.output.status;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }), { numRuns: 300, seed: 7 });
  return ['completed', 'failed', 'cancelled', 'abandoned'].filter((end) => (ends.get(end) ?? 0) < 10);
}
