import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { PromiseBook, Asked } from './adapters/job/desk.ts';
import type { Verdict } from './adapters/job/told.ts';
import type { Millrace } from './connect.ts';
import type { Definition } from './kernel/definition.ts';
import { RetryableError, TerminalError } from './kernel/errors.ts';
import { evolve } from './kernel/evolve.ts';
import type { ActorState } from './kernel/state.ts';
import { hasEnded, outputOf } from './kernel/status.ts';
import { promiseActor } from './machines/promise/input.ts';
import { safeReason } from './machines/promise/reason.ts';

/** Promises as actors: asked for by command, followed by their logs. */
export function promiseBook({ send, log }: Pick<Millrace, 'send' | 'log'>, definition: Definition): PromiseBook {
  return {
    async declare({ build, exitStatus, reason }) {
      const actor = promiseActor({ build, exitStatus });
      const id = randomUUID();
      const input = { build, exitStatus, ...(reason === undefined ? {} : { reason: safeReason(reason) }) };
      const answer = await send(actor, 'declare', input, { id, by: build });
      // The first one's reason stands.
      if (!answer.accepted && answer.code !== 'already_exists') throw new TerminalError(answer.code, answer.reason);
      const { records } = await log.read(actor);
      return records[0]?.cause === id;
    },
    async verdict(asked, signal) {
      for (;;) {
        try {
          return await followed(log, definition, asked, signal);
        } catch (error) {
          if (!(error instanceof RetryableError) || signal.aborted) throw error;
          await pause(500, undefined, { signal });
        }
      }
    },
  };
}

async function followed(log: Millrace['log'], definition: Definition, asked: Asked, signal: AbortSignal): Promise<Verdict> {
  let state: ActorState | undefined;
  const done = new AbortController();
  try {
    for await (const record of log.follow({ actor: promiseActor(asked), fromStart: true, signal: AbortSignal.any([signal, done.signal]) })) {
      ({ state } = evolve(definition, state, record));
      if (hasEnded(state)) return outputOf(state) as unknown as Verdict;
    }
  } finally {
    done.abort();
  }
  throw new RetryableError('worker_stopping', 'the worker stops; ask again');
}
