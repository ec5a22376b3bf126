import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBroker, type Broker } from '../src/adapters/nats/broker.ts';
import { natsBoard } from '../src/adapters/nats/board.ts';
import { natsDeadLetters } from '../src/adapters/nats/dead.ts';
import { natsLog, type NatsLog } from '../src/adapters/nats/log/log.ts';
import { natsQueue } from '../src/adapters/nats/queue/queue.ts';
import { startServer } from '../src/adapters/nats/server/launch.ts';
import { ensureStreams } from '../src/adapters/nats/setup.ts';
import { natsSignals } from '../src/adapters/nats/signals.ts';
import type { Definition } from '../src/kernel/definition.ts';
import type { LogRecord } from '../src/kernel/record.ts';
import { systemClock } from '../src/runtime/clock.ts';
import { natsSnapshots } from '../src/adapters/nats/snapshots.ts';
import { createHost, type Host } from '../src/runtime/host/host.ts';
import { silentLogger } from '../src/runtime/logger.ts';
import type { CommandQueue } from '../src/runtime/ports/queue.ts';
import type { EventLog } from '../src/runtime/ports/log.ts';

/** A private nats-server with the repository's `nats.conf`, and one connection to it. */
export interface BenchWorld {
  readonly broker: Broker;
  readonly log: NatsLog;
  readonly queue: CommandQueue;
  /** A host in this process. `onStored` hears of every record once the server has it on disk. */
  worker(definitions: readonly Definition[], onStored?: (record: LogRecord) => void): Promise<Host>;
  /** Where the server keeps everything. */
  readonly dataDir: string;
  serverPid(): number;
  /** Where the server is; the same after a restart. */
  url(): string;
  /** SIGKILL to the server, and a new one on its port and data. Resolves when that one serves. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<BenchWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  let server = await startServer({ dataDir });
  const kill = async (): Promise<void> => {
    const exited = server.exited.catch(() => undefined);
    process.kill(server.pid, 'SIGKILL');
    await exited;
  };
  const broker = await openBroker({ servers: server.url });
  await ensureStreams(broker);
  const log = natsLog(broker);
  const queue = natsQueue(broker);
  return {
    broker, log, queue, dataDir,
    serverPid: () => server.pid,
    async worker(definitions, onStored = () => undefined) {
      const host = createHost({
        definitions, log: telling(log, onStored), queue, board: natsBoard(broker), dead: natsDeadLetters(broker),
        signals: natsSignals(broker), snapshots: natsSnapshots(broker), clock: systemClock, logger: silentLogger,
      });
      await host.start();
      return host;
    },
    url: () => server.url,
    async restart() {
      await kill();
      server = await startServer({ dataDir, port: server.port });
    },
    async close() {
      await log.close();
      await broker.close();
      await kill();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const telling = (log: EventLog, onStored: (record: LogRecord) => void): EventLog => ({
  ...log,
  async append(record, after) {
    const position = await log.append(record, after);
    onStored(record);
    return position;
  },
});
