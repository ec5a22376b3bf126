import { describe, expect, it } from 'vitest';
import { runInput } from '../../../src/machines/run/input.ts';

const year = 365 * 86_400_000;
const asked = { runner: 'scripted', head: [{ uri: 'git:1' }] };
const wrongIn = (input: object): string => runInput.safeParse(input).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') ?? 'nothing';

describe('given what creates a run', () => {
  // A timer of the broker cannot be set for a day beyond its clock: the run would stand there for ever, deaf to a cancel.
  it.each([
    [{ deadlineMs: year + 1 }], [{ deadlineMs: 8_639_999_900_000_000 }], [{ cancelGraceMs: year + 1 }], [{ startGraceMs: year + 1 }],
    [{ poll: { acceptedMs: year + 1 } }], [{ poll: { runningMs: year + 1 } }], [{ poll: { stoppedMs: year + 1 } }],
  ])('when a duration is longer than a year (%j), then it is refused, and the longest is named', (given) => {
    expect(wrongIn({ ...asked, ...given })).toMatch(/Ms: a year, 31536000000 ms, is the longest$/);
  });

  it('when the durations are a year, then they are taken', () => {
    const times = { deadlineMs: year, cancelGraceMs: year, startGraceMs: year, poll: { acceptedMs: year, runningMs: year, stoppedMs: year } };
    expect(runInput.parse({ ...asked, ...times })).toMatchObject(times);
  });

  it.each([
    ['deadline', { deadline: 60_000 }], ['everyMs', { poll: { everyMs: 5 } }], ['url', { head: [{ uri: 'git:1', url: 'x' }] }], ['sha', { base: [{ uri: 'git:1', sha: 'x' }] }],
  ])('when it has the unknown field "%s", then it is refused by that name: nothing that was asked for is left out silently', (field, given) => {
    expect(wrongIn({ ...asked, ...given })).toContain(`"${field}"`);
  });
});
