import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exampleOf } from '../../../src/kernel/example.ts';

describe('an example of a schema', () => {
  it.each<[string, z.ZodType]>([
    ['a command of people', z.strictObject({ reason: z.string().optional() })],
    ['a promise', z.strictObject({ run: z.string(), exitStatus: z.int().min(3), state: z.enum(['completed', 'failed']), word: z.string().transform((text) => text.trim()) })],
    ['a digest beside a list and a choice', z.object({ artifact: z.string().regex(/^[0-9a-f]{64}$/), all: z.array(z.int()).min(2), one: z.union([z.literal('x'), z.int()]), at: z.url(), on: z.boolean(), none: z.null() })],
  ])('given %s, then it is taken', (_, schema) => {
    const example = exampleOf(schema);
    expect(example).toBeDefined();
    expect(schema.safeParse(example).success).toBe(true);
  });

  it('given one that nothing usual fits, then there is none', () => {
    expect(exampleOf(z.object({ code: z.string().regex(/^q{17}$/) }))).toBeUndefined();
    expect(exampleOf(z.object({ big: z.int().refine((value) => value > 1e6) }))).toBeUndefined();
  });
});
