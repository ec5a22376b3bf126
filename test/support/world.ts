import type { Definition } from '../../src/kernel/definition.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import type { ActorName, LogRecord } from '../../src/kernel/record.ts';
import { fold } from '../../src/kernel/replay.ts';
import type { ActorState } from '../../src/kernel/state.ts';
import { hasEnded, statusOf } from '../../src/kernel/status.ts';
import type { HostParts } from '../../src/runtime/host/context.ts';
import { createHost, type Host } from '../../src/runtime/host/host.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import type { DeadLetters } from '../../src/runtime/ports/dead.ts';
import type { Board } from '../../src/runtime/ports/board.ts';
import { fakeBoard } from './fake/board.ts';
import { virtualClock, type VirtualClock } from './fake/clock.ts';
import { fakeDeadLetters } from './fake/dead.ts';
import { fakeLog, type FakeLog, type FakeLogOptions } from './fake/log.ts';
import { fakeQueue, type FakeQueue } from './fake/queue.ts';
import { fakeSignals } from './fake/signals.ts';
import { fakeSnapshots, type FakeSnapshots } from './fake/snapshots.ts';

/** A broker in memory and any number of hosts on it, in virtual time. */
export interface World {
  readonly clock: VirtualClock;
  readonly log: FakeLog;
  readonly queue: FakeQueue;
  readonly dead: DeadLetters;
  readonly board: Board;
  readonly signals: ReturnType<typeof fakeSignals>;
  /** Taken every third record, so that every load after that goes on from one. */
  readonly snapshots: FakeSnapshots;
  /** Start a host; what is given takes the place of the world's own part. */
  host(given?: Partial<Omit<HostParts, 'queue'>> & { readonly queue?: FakeQueue }): Promise<{ host: Host; queue: FakeQueue; crash: () => void }>;
  /** Publish a command, without waiting. The reply subject is `reply.<id>`. */
  send(actor: ActorName, command: string, body?: JsonObject, id?: string): Promise<string>;
  /** The last verdict answered to the command with this id. */
  answer(id: string): JsonObject | undefined;
  state(actor: ActorName): ActorState;
  status(actor: ActorName): string;
  ended(actor: ActorName): boolean;
  types(actor: ActorName): readonly string[];
  records(actor: ActorName): readonly LogRecord[];
}

/** `maxBody`: bytes of a command's body. `lateMs`: how late a schedule fires. */
export function makeWorld(definitions: readonly Definition[], options: FakeLogOptions & { ackWaitMs?: number; maxBody?: number; lateMs?: number } = {}): World {
  const clock = virtualClock();
  const log = fakeLog(options);
  const { ackWaitMs = 5000, maxBody = 1024 * 1024, lateMs = 0 } = options;
  const queue = fakeQueue(clock, { ackWaitMs, maxPayload: maxBody, lateMs });
  const dead = fakeDeadLetters(queue);
  const board = fakeBoard();
  const signals = fakeSignals();
  const snapshots = fakeSnapshots();
  const definitionOf = (actor: ActorName): Definition => {
    const found = definitions.find((definition) => actor.startsWith(`${definition.stamp.name}/`));
    if (found === undefined) throw new Error(`no definition for ${actor}`);
    return found;
  };
  // A log only grows, so what was folded once is gone on from.
  const folded = new Map<ActorName, ActorState>();
  const state = (actor: ActorName): ActorState => {
    const known = folded.get(actor);
    const { state: now } = fold(definitionOf(actor), log.records(actor).slice(known?.seq ?? 0), known);
    folded.set(actor, now);
    return now;
  };
  let sent = 0;
  return {
    clock, log, queue, dead, board, signals, snapshots, state,
    async host(given = {}) {
      const own = given.queue ?? queue.connect();
      const host = createHost({ definitions, log, dead, board, signals, snapshots, snapshotEvery: 3, clock, logger: silentLogger, ...given, queue: own });
      await host.start();
      return { host, queue: own, crash: () => { host.abandon(); own.crash(); } };
    },
    async send(actor, command, body = {}, id = `c${++sent}`) {
      await queue.send({ to: actor, command, body, id, reply: `reply.${id}`, by: 'tester' });
      return id;
    },
    answer: (id) => queue.replies.findLast((reply) => reply.subject === `reply.${id}`)?.body,
    status: (actor) => statusOf(definitionOf(actor), state(actor)),
    ended: (actor) => log.records(actor).length > 0 && hasEnded(state(actor)),
    types: (actor) => log.records(actor).map((record) => record.type),
    records: (actor) => log.records(actor),
  };
}
