import { openBroker, type Broker, type BrokerOptions } from './adapters/nats/broker.ts';
import { natsBoard } from './adapters/nats/board.ts';
import { natsDeadLetters } from './adapters/nats/dead.ts';
import { natsLog } from './adapters/nats/log/log.ts';
import { natsOutput } from './adapters/nats/output.ts';
import { natsQueue, type QueueOptions } from './adapters/nats/queue/queue.ts';
import { natsSnapshots } from './adapters/nats/snapshots.ts';
import { natsSignals } from './adapters/nats/signals.ts';
import { ensureStreams } from './adapters/nats/setup.ts';
import { askFor, type Answer, type AskOptions } from './adapters/nats/ask.ts';
import type { Signer } from './adapters/nats/identity/signer.ts';
import type { Definition } from './kernel/definition.ts';
import type { ActorName, LogRecord } from './kernel/record.ts';
import { TerminalError } from './kernel/errors.ts';
import type { JsonObject } from './kernel/json.ts';
import { parseActor } from './kernel/names.ts';
import { fold } from './kernel/replay.ts';
import { viewOf, type ActorView } from './projections/view.ts';
import { atOnce } from './runtime/at-once.ts';
import { systemClock } from './runtime/clock.ts';
import { silentLogger, type Logger } from './runtime/logger.ts';
import type { Board } from './runtime/ports/board.ts';
import type { DeadLetters } from './runtime/ports/dead.ts';
import type { Identities } from './runtime/ports/identities.ts';
import type { EventLog } from './runtime/ports/log.ts';
import type { BuildOutput } from './runtime/ports/output.ts';
import type { CommandQueue } from './runtime/ports/queue.ts';
import type { Signals } from './runtime/ports/signals.ts';

export interface ConnectOptions extends BrokerOptions, QueueOptions {
  readonly logger?: Logger;
  /** Signs every command that `send` sends. */
  readonly signer?: Signer;
}

export interface WorkerOptions {
  /** What this worker carries; commands for other types wait for a worker that carries them. */
  readonly machines: readonly Definition[];
  /** So many activities run at once in this worker; others wait for their turn. Default: any number. */
  readonly concurrency?: number | undefined;
  /** Whom this worker knows by their keys, and who must sign. Default: nobody; who asks is what the sender says. */
  readonly identities?: Identities | undefined;
  /** After so long without a sign of life the other workers take over what this one serves. Default 3,000. */
  readonly leaseMs?: number | undefined;
}

export interface Worker {
  /** Finish or hand over what is in flight, then stop. Default grace: 5 s. */
  stop(options?: { graceMs?: number }): Promise<void>;
}

/** One connection to a broker that has been checked and set up. Needs nats-server 2.14 or newer. */
export interface Millrace {
  /** Run actors of these machines in this process. */
  worker(options: WorkerOptions): Promise<Worker>;
  /** One command, and the chart's verdict on it. @throws RetryableError `nobody_carries`, `no_answer` when no worker is there or none answered in time; the command is stored all the same. */
  send(actor: string, command: string, body?: JsonObject, options?: AskOptions): Promise<Answer>;
  /** An actor's log, oldest record first. @throws TerminalError `no_such_actor`. */
  history(actor: string): Promise<readonly LogRecord[]>;
  /** An actor's state now, or as it was after record `to`. @throws TerminalError `no_such_actor`, `no_such_record`. */
  state(definition: Definition, actor: string, to?: number): Promise<ActorView>;
  /** Resolves with the first state for which `reached` holds. */
  until(definition: Definition, actor: string, reached: (view: ActorView) => boolean, signal?: AbortSignal): Promise<ActorView>;
  readonly log: EventLog;
  readonly queue: CommandQueue;
  readonly board: Board;
  readonly dead: DeadLetters;
  readonly output: BuildOutput;
  readonly signals: Signals;
  readonly broker: Broker;
  close(): Promise<void>;
}

/** Connect, check the broker, set up its streams. @throws MillraceError with a code that says what is wrong with the broker. */
export async function connect(options: ConnectOptions = {}): Promise<Millrace> {
  const { logger = silentLogger, signer, ackWaitMs, priorityTimeoutMs, ...connection } = options;
  const broker = await openBroker(connection);
  try {
    await ensureStreams(broker, { onWarning: (warning) => logger.warn({}, warning) });
  } catch (error) {
    await broker.close();
    throw error;
  }
  const log = natsLog(broker);
  const queue = natsQueue(broker, { ackWaitMs, priorityTimeoutMs });
  const ports = { log, queue, board: natsBoard(broker), dead: natsDeadLetters(broker), output: natsOutput(broker), signals: natsSignals(broker) };

  return {
    ...ports,
    broker,
    async worker({ machines, concurrency, leaseMs, identities }) {
      // Most who connect only ask: what runs actors is read by who does.
      const [{ createHost }, { workerQueue }] = await Promise.all([import('./runtime/host/host.ts'), import('./adapters/nats/workers/queue.ts')]);
      const shared = workerQueue(broker, { ackWaitMs, priorityTimeoutMs, leaseMs, concurrency, machines: machines.map(({ stamp, resumesFrom }) => ({ ...stamp, ...(resumesFrom.length === 0 ? {} : { resumesFrom }) })), logger });
      const definitions = concurrency === undefined ? machines : atOnce(machines, concurrency);
      const host = createHost({ ...ports, ...(identities === undefined ? {} : { identities }), snapshots: natsSnapshots(broker), queue: shared, definitions, clock: systemClock, logger, secrets: (name) => process.env[`MILLRACE_SECRET_${name}`] });
      await host.start();
      const stop: Worker['stop'] = async (stopping) => {
        await host.stop(stopping);
        await shared.handedOver();
      };
      return { stop };
    },
    send: (actor, command, body = {}, asking = {}) => askFor(broker, { to: parseActor(actor).actor, command, body }, { ...(signer === undefined ? {} : { signer }), ...asking }),
    history: (actor) => history(log, parseActor(actor).actor),
    async state(definition, actor, to) {
      const records = await history(log, parseActor(actor).actor);
      return viewAt(definition, records, to ?? records.length);
    },
    until: (definition, actor, reached, signal) => until(log, definition, parseActor(actor).actor, reached, signal),
    async close() {
      await log.close();
      // What was said without waiting for an answer, give-backs above all, leaves before the connection does.
      // A broker that is away is not waited for: what it did not get comes back by itself.
      await Promise.race([broker.nc.flush().catch(() => undefined), new Promise((resolve) => { setTimeout(resolve, 2_000).unref(); })]);
      await broker.close();
    },
  };
}

async function history(log: EventLog, actor: ActorName): Promise<readonly LogRecord[]> {
  const { records } = await log.read(actor);
  if (records.length === 0) throw new TerminalError('no_such_actor', `there is no ${actor}`, { hint: 'see `millrace ls` for the actors there are' });
  return records;
}

function viewAt(definition: Definition, records: readonly LogRecord[], to: number): ActorView {
  if (!Number.isInteger(to) || to < 1 || to > records.length) {
    throw new TerminalError('no_such_record', `the log has the records 1 to ${records.length}, and no ${to}`, { hint: 'choose one of those' });
  }
  const state = fold(definition, records.slice(0, to)).state;
  return viewOf(definition, state);
}

async function until(log: EventLog, definition: Definition, actor: ActorName, reached: (view: ActorView) => boolean, signal?: AbortSignal): Promise<ActorView> {
  const done = new AbortController();
  const stop = (): void => done.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    const records: LogRecord[] = [];
    for await (const record of log.follow({ actor, fromStart: true, signal: done.signal })) {
      records.push(record);
      const view = viewAt(definition, records, records.length);
      if (reached(view)) return view;
    }
    throw new TerminalError('aborted', `stopped waiting for ${actor}`);
  } finally {
    signal?.removeEventListener('abort', stop);
    done.abort();
  }
}
