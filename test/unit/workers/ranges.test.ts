import { expect, it } from 'vitest';
import { ranges } from '../../../src/cli/commands/workers.ts';

it.each([[[], 'none'], [[3], '3'], [[0, 1, 2, 9], '0-2,9'], [[0, 2, 3], '0,2-3']])('given the partitions %j, then they read as %s', (numbers, text) => {
  expect(ranges(numbers)).toBe(text);
});
