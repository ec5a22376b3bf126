import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { natsBlobs } from '../../../src/adapters/nats/blobs.ts';
import { stopLocalRuns } from '../../../src/adapters/runners/process/stop-local.ts';
import { stageSource } from '../../../src/adapters/sources/stage.ts';
import { connect, type Millrace } from '../../../src/connect.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { ActorName, LogRecord } from '../../../src/kernel/record.ts';
import { fold } from '../../../src/kernel/replay.ts';
import type { ActorState, Status } from '../../../src/kernel/state.ts';
import { hasEnded, outputOf, statusOf } from '../../../src/kernel/status.ts';
import type { SagaOutput } from '../../../src/machines/saga/types.ts';
import { createHost } from '../../../src/runtime/host/host.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLogger, type Logger } from '../../../src/runtime/logger.ts';
import { readOnlyMachines } from '../../../src/read-only-machines.ts';
import type { TestNats } from '../nats.ts';
import { fuseParts, type Changes } from './fused.ts';
import { makeFuse, type Fuse } from './fuse.ts';
import { realMachines } from './machines.ts';
import { shortly } from './shortly.ts';
import { appWorld, audit, openCommands, type AppWorld } from './checks.ts';

export interface WorkerOptions {
  readonly fuse?: Fuse;
  readonly changes?: Changes;
  readonly logger?: Logger;
}

export interface YardWorker {
  stop(): Promise<void>;
}

/** One scenario's world: a prefix and a data folder of its own, real parts, and workers in this process that can die. */
export interface Yard {
  readonly millrace: Millrace;
  readonly dataDir: string;
  readonly folder: string;
  worker(options?: WorkerOptions): Promise<YardWorker>;
  /** Stage the folder and ask for a build, without waiting for the verdict. */
  build(id: string, source: string, input: JsonObject): Promise<ActorName>;
  send(actor: ActorName, command: string): Promise<void>;
  /** The actor's log at the first record after which `holds`. */
  until(actor: ActorName, holds: (seen: Seen) => boolean, limitMs?: number): Promise<Seen>;
  ended(actor: ActorName, limitMs?: number): Promise<Seen>;
  records(actor: ActorName): Promise<readonly LogRecord[]>;
  world(app: string): Promise<AppWorld>;
  /** Chains hold, nobody's command is left over, nothing is a dead letter. */
  tidy(): Promise<typeof tidied>;
  /** The same for every yard: without its prefix and its folder. */
  comparable<T>(value: T): T;
  /** Every log there is. */
  logs(): Promise<Map<ActorName, LogRecord[]>>;
  close(): Promise<void>;
}

/** What a log says. */
export interface Seen {
  readonly status: Status;
  readonly ended: boolean;
  readonly output: SagaOutput;
  readonly records: readonly LogRecord[];
}

const definitions = new Map(readOnlyMachines().map((definition) => [definition.stamp.name, definition]));

export function definitionOf(actor: ActorName): Definition {
  const found = definitions.get(actor.slice(0, actor.indexOf('/')));
  if (found === undefined) throw new Error(`no definition for ${actor}`);
  return found;
}

let made = 0;

export async function openYard(nats: TestNats, { ackWaitMs = 500, priorityTimeoutMs = 300 } = {}): Promise<Yard> {
  made += 1;
  const options = { servers: nats.url, storage: 'memory', prefix: `y${made}`, partitions: 1, ackWaitMs, priorityTimeoutMs } as const;
  const millrace = await connect(options);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-yard-'));
  const dataDir = join(folder, 'data');
  const endings: (() => Promise<void>)[] = [];
  const { broker } = millrace;

  const yard: Yard = {
    millrace, dataDir, folder,
    async worker({ fuse = makeFuse(), changes = {}, logger = silentLogger } = {}) {
      const own = await connect(options);
      const { machines, close } = realMachines({ millrace: own, dataDir, fuse, changes });
      const parts = fuseParts(fuse, { log: own.log, queue: own.queue, board: own.board, dead: own.dead });
      const host = createHost({ ...parts, signals: own.signals, definitions: machines, clock: systemClock, logger });
      let gone: Promise<void> | undefined;
      const leave = (): Promise<void> => (gone ??= (async () => { close(); await own.close().catch(() => undefined); })());
      fuse.onBlow(() => { host.abandon(); void leave(); });
      await host.start();
      const stop = async (): Promise<void> => {
        if (gone === undefined) await host.stop({ graceMs: 2_000 });
        await leave();
      };
      endings.push(stop);
      return { stop };
    },
    async build(id, source, input) {
      const { digest } = await stageSource(natsBlobs(broker), source);
      const actor: ActorName = `build/${id}`;
      await millrace.queue.send({ to: actor, command: 'trigger', body: { ...input, source: digest }, id: `trigger-${id}` });
      return actor;
    },
    send: (actor, command) => millrace.queue.send({ to: actor, command, body: {}, id: `${command}-${actor}-${Math.random()}` }),
    records: async (actor) => (await millrace.log.read(actor)).records,
    async until(actor, holds, limitMs = 60_000) {
      const done = new AbortController();
      const timer = setTimeout(() => done.abort(), limitMs);
      const look = looking(actor);
      const records: LogRecord[] = [];
      try {
        for await (const record of millrace.log.follow({ actor, fromStart: true, signal: done.signal })) {
          records.push(record);
          const seen = look(records);
          if (holds(seen)) return seen;
        }
      } finally {
        clearTimeout(timer);
        done.abort();
      }
      throw new Error(`${actor} did not get there within ${limitMs} ms: ${JSON.stringify(records.map(shortly))}`);
    },
    ended: (actor, limitMs) => yard.until(actor, ({ ended }) => ended, limitMs),
    world: (app) => appWorld(millrace, dataDir, app),
    async tidy() {
      // A timer's scheduled message comes up to a quarter of a second after the host's own clock fired it.
      let open = await openCommands(millrace);
      for (const end = Date.now() + 5_000; Date.now() < end && open.length > 0; open = await openCommands(millrace)) await pause(25);
      const { broken, unreadable } = await audit(millrace);
      const dead = (await millrace.dead.list()).map(({ subject, code, reason }) => `${subject} ${code}: ${reason}`);
      return { broken: [...broken, ...unreadable], dead, open };
    },
    comparable: <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(dataDir, '<data>').replaceAll(`_${options.prefix}_`, '_<prefix>_')) as T,
    async logs() {
      const logs = new Map<ActorName, LogRecord[]>();
      for await (const record of millrace.log.readAll()) logs.set(record.actor, [...(logs.get(record.actor) ?? []), record]);
      return logs;
    },
    async close() {
      await Promise.all(endings.map((end) => end()));
      await stopLocalRuns(dataDir);
      for await (const { config: { name } } of broker.jsm.streams.list()) {
        if (new RegExp(`^((KV|OBJ)_)?${options.prefix}_`, 'i').test(name)) await broker.jsm.streams.delete(name);
      }
      await millrace.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return yard;
}

/** What `tidy` says when all is well. */
export const tidied: { readonly broken: readonly unknown[]; readonly dead: readonly string[]; readonly open: readonly string[] } = { broken: [], dead: [], open: [] };

/** What a log says that grows by a record from one call to the next. */
function looking(actor: ActorName): (records: readonly LogRecord[]) => Seen {
  const definition = definitionOf(actor);
  let state: ActorState | undefined;
  return (records) => {
    state = fold(definition, records.slice(-1), state).state;
    return { status: statusOf(definition, state), ended: hasEnded(state), output: outputOf(state) as unknown as SagaOutput, records: [...records] };
  };
}
