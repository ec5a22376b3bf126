import { describe, expect, it } from 'vitest';
import { failedAt } from '../../../src/console/page/failed-at.ts';

describe('where a saga failed, as its page says it', () => {
  const error = { message: 'the shop did not answer (503)' };

  it('given a step that was tried three times, then it is named with its attempts', () => {
    expect(failedAt({ error, steps: { one: { status: 'undone', attempts: 1 }, buy: { status: 'failed', attempts: 3, error } } })).toBe('The step buy failed, tried 3 times.');
  });

  it('given one that failed at once and was undone, then it is known by its error', () => {
    expect(failedAt({ error, steps: { one: { status: 'undone', attempts: 1 }, buy: { status: 'undone', attempts: 1, error } } })).toBe('The step buy failed.');
  });

  it('given a cancelled saga, or something without steps, then no step is blamed', () => {
    expect(failedAt({ error, steps: { one: { status: 'undone', attempts: 1 } } })).toBeUndefined();
    expect(failedAt({})).toBeUndefined();
  });
});
