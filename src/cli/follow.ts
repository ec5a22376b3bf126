import { setTimeout as pause } from 'node:timers/promises';
import type { Millrace } from '../connect.ts';
import type { Definition } from '../kernel/definition.ts';
import type { Json } from '../kernel/json.ts';
import type { ActorName, LogRecord } from '../kernel/record.ts';
import { RetryableError } from '../kernel/errors.ts';
import { evolve } from '../kernel/evolve.ts';
import type { ActorState, Status } from '../kernel/state.ts';
import { contextOf, outputOf, statusOf, waitingFor, type Awaited } from '../kernel/status.ts';
import type { OutputLine } from '../runtime/ports/output.ts';
import { awayFor } from './away.ts';
import { aside } from './print.ts';
import { hearProgress, type Progress } from './hear-progress.ts';

/** How an actor stood when it was no longer followed. */
export interface Ending {
  readonly actor: ActorName;
  readonly status: Status;
  /** What its chart ended with; null before its end. */
  readonly output: Json;
  readonly context: Json;
  /** It has come to its end or is blocked; else following was interrupted. */
  readonly ended: boolean;
}

export interface Listener {
  record(record: LogRecord, status: Status, waiting: readonly Awaited[]): void;
  printed(line: OutputLine): void;
  /** How far it says it is. Only what is new comes, and none of it is kept anywhere. */
  progress?(progress: Progress): void;
  /** Nothing more comes. */
  end(): void;
}

const endings: readonly Status[] = ['completed', 'failed', 'cancelled', 'blocked'];

/** How long a broker that is away is waited for, ms. */
const patienceMs = 60_000;

/**
 * Follow an actor from its first record until it has ended or is blocked, or until interrupted.
 * @throws RetryableError `broker_gone`: it was away for a minute; the actor goes on without us.
 */
export async function followActor(millrace: Millrace, definition: Definition, actor: ActorName, listener: Listener, interrupted: AbortSignal, awayMs = patienceMs): Promise<Ending> {
  const done = new AbortController();
  const away = awayFor(millrace.broker.nc, awayMs);
  const signal = AbortSignal.any([done.signal, interrupted, away.signal]);
  let lines = 0;
  const print = (line: OutputLine): void => { lines++; listener.printed(line); };
  // What a build printed is beside the point: without it the build is followed all the same.
  const printing = follow(millrace.output.read(actor, { follow: true, signal }), print).catch(noOutput);
  const heard = new Set<ActorName>();
  // Its children's progress is its own: a build is as far as its run.
  const hear = (each: ActorName): void => {
    if (heard.has(each)) return;
    heard.add(each);
    hearProgress(millrace, each, (progress) => listener.progress?.(progress), signal);
  };
  hear(actor);
  let state: ActorState | undefined;
  let status: Status = 'running';
  const ending = (ended: boolean): Ending => ({ actor, status, output: state === undefined ? null : outputOf(state), context: state === undefined ? null : contextOf(state), ended });
  try {
    for await (const record of persistently(millrace, actor, signal)) {
      ({ state } = evolve(definition, state, record));
      status = statusOf(definition, state);
      for (const child of Object.values(state.children)) hear(child.actor);
      if (endings.includes(status)) {
        done.abort();
        await printing;
        await rest(millrace, actor, lines, print, interrupted).catch(noOutput);
      }
      listener.record(record, status, waitingFor(state));
      if (endings.includes(status)) return ending(true);
    }
    if (away.signal.aborted) {
      throw new RetryableError('broker_gone', `there was no connection to the broker for ${awayMs / 1000} s; ${actor} goes on by itself once it is back`, { hint: `follow it again with millrace logs -f ${actor}` });
    }
    return ending(false);
  } finally {
    done.abort();
    away.stop();
    await printing;
    listener.end();
  }
}

const noOutput = (error: unknown): void => aside(`what it printed cannot be read: ${error instanceof Error ? error.message : String(error)}`);

async function* persistently({ log }: Millrace, actor: ActorName, signal: AbortSignal): AsyncGenerator<LogRecord, void> {
  for (let seen = 0; !signal.aborted;) {
    try {
      for await (const record of log.follow({ actor, fromStart: true, signal })) {
        if (record.seq <= seen) continue;
        seen = record.seq;
        yield record;
      }
      return;
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      await pause(250);
    }
  }
}

async function follow<T>(items: AsyncIterable<T>, each: (item: T) => void): Promise<void> {
  for await (const item of items) each(item);
}

/** The last record may overtake the last lines: what is stored beyond those `seen` is still to be shown. */
async function rest(millrace: Millrace, actor: ActorName, seen: number, print: (line: OutputLine) => void, signal: AbortSignal): Promise<void> {
  let at = 0;
  for await (const line of millrace.output.read(actor, { follow: false, signal })) if (++at > seen) print(line);
}
