import { describe, expect, it } from 'vitest';
import { durationText, milliseconds } from '../../../src/cli/duration.ts';

describe('a duration', () => {
  it.each([['500ms', 500], ['30s', 30_000], ['1.5m', 90_000], ['1h30m', 5_400_000], ['2d', 172_800_000]])('given %s, then it is %i ms', (text, ms) => {
    expect(milliseconds(text, '--deadline')).toBe(ms);
  });

  it.each(['', '30', 'm', '-1s', '0s', '1h 30m', 'soon', '1y', '5s5'])('given %j, then the option is named and what would have been right', (text) => {
    expect(() => milliseconds(text, '--deadline')).toThrow(expect.objectContaining({ code: 'bad_option', message: expect.stringContaining('--deadline') as string, hint: expect.stringContaining('30m') as string }) as Error);
  });

  it.each([[-5, '0 ms'], [900, '900 ms'], [61_000, '1 min 1 s'], [3_600_000, '1 h'], [90_061_000, '1 d 1 h']])('given %i ms, then people read %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
