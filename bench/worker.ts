// A worker in a process of its own, to be killed and weighed. Arguments: the server's address, a file for what ran.
import { connect } from '../src/index.ts';
import { eleven, turning } from './sagas.ts';
import { alarm } from './timers.ts';
import { counted, parked } from './worker-machines.ts';

const [url = '', runs = ''] = process.argv.slice(2);
const millrace = await connect({ servers: url });
await millrace.worker({ machines: [counted(runs), parked, eleven, turning, alarm] });
process.on('message', (what) => { process.send?.(what === 'cpu' ? cpuMs() : weight()); });
process.on('disconnect', () => { process.exit(); });
process.send?.('ready');

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function weight(): { heapUsed: number; rss: number } {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapUsed, rss };
}
