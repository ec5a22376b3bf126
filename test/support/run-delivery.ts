import { askFor, type Answer, type AskOptions } from '../../src/adapters/nats/ask.ts';
import { natsBoard } from '../../src/adapters/nats/board.ts';
import { natsDeadLetters } from '../../src/adapters/nats/dead.ts';
import { natsLog } from '../../src/adapters/nats/log/log.ts';
import { natsQueue } from '../../src/adapters/nats/queue/queue.ts';
import { natsSignals } from '../../src/adapters/nats/signals.ts';
import { givenUpLetters } from '../../src/adapters/nats/given-up.ts';
import type { JsonObject } from '../../src/kernel/json.ts';
import type { ActorName, LogRecord } from '../../src/kernel/record.ts';
import { fold } from '../../src/kernel/replay.ts';
import { hasEnded, outputOf } from '../../src/kernel/status.ts';
import { runDefinition } from '../../src/machines/run/machine.ts';
import { createHost, type Host } from '../../src/runtime/host/host.ts';
import type { HostParts } from '../../src/runtime/host/context.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { makeBackend, type Plan } from '../unit/run/support/backend.ts';
import { eventually, freshBroker, sameBroker } from './broker.ts';
import type { TestNats } from './nats.ts';

/** A delivery that is not extended comes back after a second. */
const times = { ackWaitMs: 1000, priorityTimeoutMs: 1000 };

/** Runs on hosts in this process, each with a connection of its own to a real server. */
export async function runsOn(nats: TestNats, plan: Plan = {}) {
  const broker = await freshBroker(nats);
  const backend = makeBackend(systemClock, plan);
  const dead = natsDeadLetters(broker);
  const log = natsLog(broker);
  const definition = runDefinition({ runners: () => backend.runner, giveUp: givenUpLetters(dead, broker.names) });
  const closing: (() => Promise<void>)[] = [];
  const records = async (actor: ActorName): Promise<readonly LogRecord[]> => (await log.read(actor)).records;
  return {
    broker, backend, dead, records,
    /** A worker; `change` replaces parts of it. */
    async host(change: (parts: HostParts) => Partial<HostParts> = () => ({})): Promise<Host> {
      const own = await sameBroker(nats, broker);
      const parts: HostParts = {
        definitions: [definition], log: natsLog(own), queue: natsQueue(own, times), dead: natsDeadLetters(own), board: natsBoard(own),
        signals: natsSignals(own), clock: systemClock, logger: silentLogger,
      };
      const host = createHost({ ...parts, ...change(parts) });
      await host.start();
      closing.push(async () => {
        host.abandon();
        await own.close();
      });
      return host;
    },
    ask: (actor: ActorName, command: string, body: JsonObject = {}, options: AskOptions = {}): Promise<Answer> => askFor(broker, { to: actor, command, body }, options),
    trigger: (actor: ActorName, input: JsonObject = {}): Promise<Answer> => askFor(broker, { to: actor, command: 'trigger', body: { runner: 'fake', head: [], ...input } }, {}),
    async ended(actor: ActorName, limitMs = 10_000): Promise<unknown> {
      let output: unknown;
      await eventually(async () => {
        const all = await records(actor);
        if (all.length === 0) return false;
        const { state } = fold(definition, all);
        output = outputOf(state);
        return hasEnded(state);
      }, limitMs);
      return output;
    },
    /** Redeliveries the server counts now. */
    async redelivered(): Promise<number> {
      let sum = 0;
      for await (const { num_redelivered } of broker.jsm.consumers.list(broker.names.streams.commands)) sum += num_redelivered;
      return sum;
    },
    stored: async (): Promise<number> => (await broker.jsm.streams.info(broker.names.streams.commands)).state.messages,
    async close(): Promise<void> {
      for (const end of closing) await end();
      await log.close();
      await broker.close();
    },
  };
}

export type Runs = Awaited<ReturnType<typeof runsOn>>;
