// A machine that says aloud what it should not, for real processes, given to them as a user gives it. The secrets come by the environment: the file has none.
import { z } from 'zod';
import { defineSaga, RetryableError, secret, step, TerminalError } from '../../dist/src/index.js';

const planted = JSON.parse(process.env.LEAKY ?? '{}');

export const machines = [defineSaga({
  name: 'leaky', version: '1',
  input: z.object({ note: z.string(), password: z.string(), env: z.record(z.string(), z.string()), token: secret() }),
  steps: [
    step({ name: 'push', needs: z.object({ token: z.object({ $secret: z.string() }) }), gives: z.object({ said: z.string() }),
      run: async ({ input, ...scope }) => {
        scope.progress(`with ${planted.progress} and ${scope.secret(input.token)}`);
        return { said: `pushed with ${planted.output} and ${scope.secret(input.token)}` };
      },
      undo: async () => { throw new RetryableError('later', `undo at https://bot:${planted.address}@host/`); }, undoRetry: { attempts: 1, delayMs: 1 } }),
    step({ name: 'check', needs: z.object({ said: z.string() }), gives: z.object({}),
      run: async () => { throw new TerminalError('denied', `${planted.error} was denied`, { hint: `try ${planted.error}` }); } }),
  ],
})];
