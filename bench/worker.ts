// A worker in a process of its own, to be killed and weighed. Arguments: the server's address, a file for what ran.
import { connect } from '../src/index.ts';
import { turning } from './sagas.ts';
import { alarm } from './timers.ts';
import { counted, parked } from './worker-machines.ts';

const [url = '', runs = ''] = process.argv.slice(2);
const millrace = await connect({ servers: url });
await millrace.worker({ machines: [counted(runs), parked, turning, alarm] });
process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heapUsed, rss });
});
process.on('disconnect', () => { process.exit(); });
process.send?.('ready');
