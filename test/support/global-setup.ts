import { randomUUID } from 'node:crypto';
import { findServer } from '../../src/adapters/nats/server/find.ts';
import { expectNothingLeftBehind, RUN_MARK } from './left-behind.ts';

/**
 * Once for the whole run: finds or installs the nats-server every test file uses, and marks
 * everything the run starts, so that what outlives it can be found.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await findServer({ note: (line) => { process.stderr.write(`${line}\n`); } });
  process.env.MILLRACE_NATS_SERVER = server.file;
  const run = process.env[RUN_MARK] ?? randomUUID();
  process.env[RUN_MARK] = run;
  // vitest prints what a teardown throws, but calls the run a success all the same.
  return () => expectNothingLeftBehind(run, () => { process.exitCode = 1; });
}
