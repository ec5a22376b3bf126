import { RetryableError } from '../../kernel/errors.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { ActorName } from '../../kernel/record.ts';
import type { Declared, Declarer, Promised } from '../../machines/promise/declarer.ts';

/** The verdict on a command. */
export type Ruling = { readonly accepted: true } | { readonly accepted: false; readonly code: string; readonly reason: string; readonly value?: Json };

/** How a run stands. */
export interface RunFacts {
  readonly over: boolean;
  /** The exit status that was promised first. */
  readonly promised?: number;
}

/** Actors, as far as this declarer needs them. */
export interface Actors {
  /** The same id again gets the first one's ruling. @throws RetryableError when nobody answers. */
  ask(actor: ActorName, command: string, body: JsonObject, id: string): Promise<Ruling>;
  /** Undefined when there is no such run. */
  run(actor: ActorName): Promise<RunFacts | undefined>;
  /** Who made this actor, if another one did. */
  parent(actor: ActorName): Promise<ActorName | undefined>;
}

/**
 * Millrace itself: the build is its own upstream. The run takes the promise as the floor of its final status, and
 * whoever made the run hears that it is failing.
 */
export function millraceDeclarer(actors: Actors): Declarer {
  return {
    name: 'millrace',
    async declare({ build, exitStatus, reason }, key) {
      const run = build as ActorName;
      const body = { exitStatus, ...(reason === undefined ? {} : { reason }) };
      const ruling = await actors.ask(run, 'promise', body, `${key}#promise`);
      if (!ruling.accepted) return refusal({ build, exitStatus }, ruling, await actors.run(run));
      const parent = await actors.parent(run);
      if (parent !== undefined) await tell(actors, parent, { run: build, ...body }, `${key}#failing`);
      return { verdict: 'accepted' };
    },
  };
}

/** Best effort: a parent that has ended, or that knows nothing of promises, need not know. What is stored reaches it later. */
async function tell(actors: Actors, parent: ActorName, body: JsonObject, id: string): Promise<void> {
  try {
    await actors.ask(parent, 'failing', body, id);
  } catch (error) {
    if (!(error instanceof RetryableError) || error.code === 'broker_gone') throw error;
  }
}

function refusal({ build, exitStatus }: Pick<Promised, 'build' | 'exitStatus'>, { code, reason }: Extract<Ruling, { accepted: false }>, facts: RunFacts | undefined): Declared {
  if (facts === undefined) return { verdict: 'refused', code: 'unknown_build', message: `there is no build ${build}` };
  const { promised } = facts;
  if (promised !== undefined && promised !== exitStatus) {
    return { verdict: 'refused', code: 'another_status', message: `${build} has already promised exit status ${promised}`, standing: promised };
  }
  if (facts.over) return { verdict: 'refused', code: 'not_running', message: `${build} is not running any more` };
  return { verdict: 'refused', code, message: reason };
}
