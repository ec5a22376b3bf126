import { describe, expect, it, vi } from 'vitest';
import { openMill } from '../support/browser/mill.ts';
import { isWithoutBrowser } from '../support/chromium.ts';
import { accessStories } from './stories/access.ts';
import { blockedStories } from './stories/blocked.ts';
import { boardStories } from './stories/board.ts';
import { controlStories } from './stories/control.ts';
import { deadStories } from './stories/dead.ts';
import { failedStories } from './stories/failed.ts';
import { looksStories } from './stories/looks.ts';
import { lostStories } from './stories/lost.ts';
import { manyStories } from './stories/many.ts';
import { runningStories } from './stories/running.ts';
import { timeStories } from './stories/time.ts';
import { whatIfStories } from './stories/what-if.ts';

// Real processes and a browser, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// One server, worker, console and browser for all: no story minds what the others build.
describe.skipIf(isWithoutBrowser)('the console in a browser, on real builds', () => {
  const mill = openMill();
  for (const stories of [runningStories, failedStories, blockedStories, controlStories, timeStories, whatIfStories, boardStories, deadStories, accessStories, looksStories, lostStories, manyStories]) stories(mill);

  it('given all that, then no script failed and nothing was against the policy of the page', () => {
    expect(mill.complaints).toEqual([]);
  });
});
