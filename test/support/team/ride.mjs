// A saga whose effects are files, for worker processes that are killed again and again: what is there is the truth.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { RetryableError, TerminalError, defineSaga, step } from '../../../dist/src/index.js';

const folder = process.env.TEAM_FOLDER;
/** A line for each effect that took place: an effect that was there already leaves none. */
const note = (what, actor, name) => appendFileSync(join(folder, 'ledger'), `${what} ${actor} ${name}\n`);
const isThere = (error) => error.code === 'EEXIST' || error.code === 'ENOENT';

function once(what, actor, name, work) {
  try {
    work();
  } catch (error) {
    if (isThere(error)) return;
    throw error;
  }
  note(what, actor, name);
}
const pause = (ms, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); reject(new Error('aborted', { cause: signal.reason })); }, { once: true });
});
const placeOf = (actor, name) => join(folder, 'world', actor, name);

/** Eight steps; `failsAt` fails for good after its effect, `stumblesAt` fails once in passing. */
const ride = defineSaga({
  name: 'ride', version: '1', input: z.object({ failsAt: z.number(), stumblesAt: z.number(), ms: z.number() }),
  steps: Array.from({ length: 8 }, (_, index) => `s${index + 1}`).map((name, index) => step({
    name,
    needs: z.object({ failsAt: z.number(), stumblesAt: z.number(), ms: z.number() }), gives: z.object({ [name]: z.string() }),
    retry: { attempts: 3, delayMs: 50 },
    run: async ({ input, actor, signal }) => {
      const place = placeOf(actor, name);
      mkdirSync(dirname(place), { recursive: true });
      await pause(input.ms, signal);
      if (index + 1 === input.stumblesAt) {
        let first = false;
        once('stumble', actor, name, () => { writeFileSync(`${place}.stumbled`, '', { flag: 'wx' }); first = true; });
        if (first) throw new RetryableError('stumbled', 'once, in passing');
      }
      once('do', actor, name, () => writeFileSync(place, '', { flag: 'wx' }));
      if (index + 1 === input.failsAt) throw new TerminalError('off_the_road', 'this step fails for good');
      return { [name]: 'done' };
    },
    undo: async ({ actor }) => once('undo', actor, name, () => rmSync(placeOf(actor, name))),
  })),
});

export const machines = [ride];
