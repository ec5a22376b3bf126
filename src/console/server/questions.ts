import { z } from 'zod';
import { TerminalError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { parseActor } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Question } from '../protocol.ts';

const actor = z.string().max(400).transform((name): ActorName => parseActor(name).actor);
const seq = z.number().int().min(1);
const place = z.number().int().min(0).max(10_000_000);
const body = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject);
const status = z.enum(['running', 'waiting', 'stopping', 'stopped', 'undoing', 'completed', 'failed', 'cancelled', 'blocked']);
const letter = z.string().max(400);
const nothing = z.object({});
const one = z.object({ actor });

/** What each question must look like; bounds hold what a page can make the server do. */
export const questions = {
  'board.watch': z.object({
    from: place, count: z.number().int().min(0).max(200), text: z.string().max(200).optional(), type: z.string().max(200).optional(), status: z.array(status).max(9).optional(),
    roots: z.boolean().optional(), parent: z.string().max(400).optional(), sort: z.enum(['changed', 'created', 'actor', 'attention']).optional(),
  }),
  'board.leave': nothing,
  'actor.watch': one,
  'actor.leave': one,
  'actor.records': z.object({ actor, from: seq, to: seq }).refine(({ from, to }) => to - from < 500, 'at most 500 records at once'),
  'actor.moment': z.object({ actor, seq }),
  'actor.waterfall': z.object({ actor, upTo: seq.optional() }),
  'actor.choices': z.object({ actor, seq }),
  'actor.what-if': z.object({ actor, seq, type: z.string().min(1).max(200), data: body.optional(), at: z.number().optional() }),
  'actor.chart': z.object({ actor, depth: z.number().int().min(0).max(100).optional() }),
  'output.watch': one,
  'output.leave': one,
  command: z.object({ actor, command: z.string().min(1).max(200), body: body.optional() }),
  'dead.watch': nothing,
  'dead.leave': nothing,
  'dead.show': z.object({ letter }),
  'dead.retry': z.object({ letter }),
  'dead.drop': z.object({ letter }),
} satisfies Record<Question, z.ZodType>;

/** A question as it is answered. */
export type Given<Q extends Question> = z.output<(typeof questions)[Q]>;

export interface Read<Q extends Question = Question> {
  readonly id: number;
  readonly ask: Q;
  readonly given: () => Given<Q>;
}

/** Undefined for what is no question at all. `given` throws TerminalError `bad_question`. */
export function readQuestion(text: string): Read | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { id, ask } = (message ?? {}) as { id?: unknown; ask?: unknown };
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || typeof ask !== 'string') return undefined;
  const isKnown = (name: string): name is Question => Object.hasOwn(questions, name);
  if (!isKnown(ask)) return { id, ask: ask as Question, given: () => { throw new TerminalError('bad_question', `there is no question "${ask.slice(0, 100)}"`, { hint: 'reload the page: it is of another version' }); } };
  return { id, ask, given: () => {
    const { data, error } = questions[ask].safeParse(message);
    if (error === undefined) return data;
    throw new TerminalError('bad_question', error.issues.map(({ path, message: why }) => `${path.join('.')}: ${why}`).join('; '));
  } };
}
