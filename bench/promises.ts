import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { millraceDeclarer } from '../src/adapters/declarers/millrace.ts';
import { promiseDesk } from '../src/adapters/job/desk.ts';
import { jobEnvironment } from '../src/adapters/job/environment.ts';
import { jobKey } from '../src/adapters/job/key.ts';
import { socketPath } from '../src/adapters/job/places.ts';
import { promiseFailure } from '../src/adapters/job/promise-failure.ts';
import { jobSocket } from '../src/adapters/job/socket.ts';
import { askFor } from '../src/adapters/nats/ask.ts';
import { natsBoard } from '../src/adapters/nats/board.ts';
import { scriptedRunner } from '../src/adapters/runners/scripted/runner.ts';
import { memoryStore } from '../src/adapters/runners/scripted/store.ts';
import { parseActor } from '../src/kernel/names.ts';
import { promiseDefinition } from '../src/machines/promise/machine.ts';
import { runDefinition } from '../src/machines/run/machine.ts';
import { promiseActors } from '../src/promise-actors.ts';
import { promiseBook } from '../src/promise-book.ts';
import { systemClock } from '../src/runtime/clock.ts';
import { closedLoop, type Timing } from './stats.ts';
import type { BenchWorld } from './world.ts';

/** Of one debounced call through the local socket. */
export interface PromiseFigures extends Timing {
  readonly calls: number;
  readonly inFlight: number;
  /** The call that declares. */
  readonly firstMs: number;
}

/** Debounced calls through the local socket, callers and worker in this one process: one declares, the others share. */
export async function runPromises(world: BenchWorld, calls: number, inFlight: number): Promise<PromiseFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const run = runDefinition({ runners: () => scriptedRunner({ store: memoryStore() }) });
  const send = (actor: string, command: string, body = {}, options = {}) => askFor(world.broker, { to: parseActor(actor).actor, command, body }, options);
  const actors = promiseActors({ send, log: world.log, board: natsBoard(world.broker) }, run);
  const promise = promiseDefinition({ declarer: millraceDeclarer(actors), isOver: actors.isOver });
  const host = await world.worker([run, promise]);
  const key = jobKey(dataDir, {});
  const desk = promiseDesk(promiseBook({ send, log: world.log }, promise), systemClock);
  const socket = jobSocket({ path: socketPath(dataDir), desk, key, warn: (message) => process.stderr.write(`${message}\n`) });
  try {
    await send('run/bench', 'trigger', { runner: 'scripted', head: [{ uri: 'script:running' }] });
    const env = { ...await jobEnvironment({ key, prefix: world.broker.names.prefix, socket: socketPath(dataDir) })('run/bench'), MILLRACE_BUILD: 'run/bench' };
    const call = async (): Promise<void> => {
      const { accepted } = await promiseFailure({ exitStatus: 1, deadlineMs: 30_000, env });
      if (!accepted) throw new Error('a promise was not accepted');
    };
    const first = performance.now();
    await call();
    const firstMs = performance.now() - first;
    return { calls, inFlight, firstMs, ...await closedLoop(calls, inFlight, call) };
  } finally {
    socket.close();
    desk.close();
    await host.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
