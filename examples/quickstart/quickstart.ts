import { connect, defineSaga, step } from '../../src/index.ts';
import { z } from 'zod';

const greet = defineSaga({
  name: 'greet', version: '1', input: z.object({ name: z.string() }),
  steps: [step({
    name: 'write', needs: z.object({ name: z.string() }), gives: z.object({ text: z.string() }),
    run: async ({ input }) => ({ text: `hello ${input.name}` }),
    undo: async ({ stepKey }) => console.log(`taking back ${stepKey}`),
  })],
});

const millrace = await connect({ servers: process.env.NATS_URL });
const worker = await millrace.worker({ machines: [greet] });
await millrace.send('greet/g1', 'create', { name: 'world' });
const done = await millrace.until(greet, 'greet/g1', (view) => view.status === 'completed');
console.log(done.context);
await worker.stop();
await millrace.close();
