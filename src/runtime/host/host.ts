import { RetryableError } from '../../kernel/errors.ts';
import type { Consuming } from '../ports/queue.ts';
import type { HostContext, HostParts } from './context.ts';
import { publish } from './keep.ts';
import { enqueue, hasRoom } from './mailbox.ts';
import { keepPassivating } from './passivate.ts';
import { repeat } from './repeat.ts';
import { buryMalformed, route } from './route.ts';
import { disarmAll } from './timers.ts';

/** Many actors in one process: takes their commands, asks their charts, appends, and does what follows. */
export interface Host {
  start(): Promise<void>;
  /** Take nothing new, abort what runs without recording that as failure, hand everything unfinished to the next host. */
  stop(options?: { graceMs?: number }): Promise<void>;
  /** Stop at once, as if the process had died: nothing more is written, acknowledged or handed back. */
  abandon(): void;
}

export function createHost(parts: HostParts): Host {
  const works = new Set<Promise<void>>();
  const host: HostContext = {
    ...parts,
    definitions: new Map(parts.definitions.map((definition) => [definition.stamp.name, definition])),
    cells: new Map(),
    boardDue: new Set(),
    heeded: new WeakSet(),
    waiting: 0,
    phase: 'running',
    enqueue: (cell, input) => enqueue(host, cell, input),
    track: (work) => {
      works.add(work);
      void work.finally(() => works.delete(work));
    },
  };
  const consuming: Consuming[] = [];
  let stopExtending = (): void => {};
  let stopPassivating = (): void => {};

  return {
    async start() {
      stopExtending = keepExtending(host);
      stopPassivating = keepPassivating(host);
      const carried = [...host.definitions.values()].map(({ stamp, resumesFrom }) => ({ stamp, resumesFrom }));
      consuming.push(await host.queue.consume([...host.definitions.keys()], (delivery) => route(host, delivery), () => hasRoom(host), carried));
      consuming.push(await host.queue.consumeMalformed((delivery) => host.track(buryMalformed(host, delivery))));
    },
    async stop({ graceMs = 5_000 } = {}) {
      if (host.phase !== 'running') return;
      host.phase = 'stopping';
      stopPassivating();
      await Promise.all(consuming.map((one) => one.stop()));
      for (const cell of host.cells.values()) for (const running of cell.running.values()) running.abort(shutdown());
      await within(host, graceMs, quiet(host, works));
      await handBack(host);
      stopExtending();
      host.phase = 'dead';
    },
    abandon() {
      host.phase = 'dead';
      stopExtending();
      stopPassivating();
      for (const cell of host.cells.values()) {
        disarmAll(cell);
        for (const running of cell.running.values()) running.abort(shutdown());
      }
      for (const one of consuming) void one.stop();
    },
  };
}

const shutdown = (): RetryableError => new RetryableError('worker_stopping', 'the worker is shutting down');

async function within(host: HostContext, ms: number, work: Promise<void>): Promise<void> {
  let cancel = (): void => {};
  const late = new Promise<void>((resolve) => { cancel = host.clock.after(ms, resolve); });
  await Promise.race([work, late]);
  cancel();
}

async function quiet(host: HostContext, works: ReadonlySet<Promise<void>>): Promise<void> {
  const busy = (): boolean => [...host.cells.values()].some((cell) => cell.running.size > 0);
  while (works.size > 0 || busy()) {
    const tick = new Promise<void>((resolve) => { host.clock.after(20, resolve); });
    // Nothing at all is settled at once: waiting for that alone would never let an activity end.
    await (works.size > 0 ? Promise.race([Promise.allSettled(works), tick]) : tick);
  }
}

async function handBack(host: HostContext): Promise<void> {
  for (const cell of host.cells.values()) {
    disarmAll(cell);
    for (const delivery of cell.held) delivery.retry(0);
    for (const input of cell.mailbox) if (input.kind === 'delivery') input.delivery.retry(0);
    await publish(host, cell).catch(() => undefined);
  }
}

/** What is held or waits in a mailbox is being worked on: it must not be redelivered. */
function keepExtending(host: HostContext): () => void {
  return repeat(host.clock, host.queue.extendEveryMs, () => {
    for (const cell of host.cells.values()) {
      for (const delivery of cell.held) delivery.extend();
      for (const input of cell.mailbox) if (input.kind === 'delivery') input.delivery.extend();
    }
  });
}
