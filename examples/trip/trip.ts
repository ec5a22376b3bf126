import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defineSaga, step, TerminalError, type Definition } from '../../src/index.ts';

/** Book a flight, a hotel and a car; when one cannot be had, give back the others. Bookings are files in `folder`. */
export function tripDefinition(folder: string): Definition {
  return defineSaga({
    name: 'trip',
    version: '1',
    input: z.object({ traveller: z.string().min(1), city: z.string().min(1) }),
    steps: [booking(folder, 'flight'), booking(folder, 'hotel'), booking(folder, 'car')],
  });
}

/** One booking, named after the step's key: booking twice is one booking, and the undo finds it without its output. */
function booking(folder: string, what: 'flight' | 'hotel' | 'car') {
  const place = (stepKey: string): string => join(folder, `${stepKey.replaceAll('/', '.')}.txt`);
  return step({
    name: `book-${what}`,
    needs: z.object({ traveller: z.string(), city: z.string() }),
    gives: z.object({ [what]: z.string() }),
    async run({ input, stepKey }) {
      if (input.city === `no-${what}`) throw new TerminalError('sold_out', `there is no ${what} to be had`, { hint: 'travel another day' });
      await mkdir(folder, { recursive: true });
      await writeFile(place(stepKey), `${what} for ${input.traveller}`);
      return { [what]: await readFile(place(stepKey), 'utf8') };
    },
    async undo({ stepKey }) {
      await rm(place(stepKey), { force: true });
    },
  });
}
