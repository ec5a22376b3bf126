import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import { sagaChart } from '../../../../src/machines/saga/chart.ts';
import { checkSpec } from '../../../../src/machines/saga/checks.ts';
import type { Failure } from '../../../../src/kernel/errors.ts';
import type { Json } from '../../../../src/kernel/json.ts';
import type { SagaContext, SagaOutput, SagaSpec } from '../../../../src/machines/saga/types.ts';

export interface Running {
  readonly id: string;
  readonly input: Json;
  aborting: boolean;
}

export const statuses = ['running', 'waiting', 'stopping', 'stopped', 'undoing', 'completed', 'failed', 'cancelled', 'blocked'];

/** A saga's chart driven step by step, with the world played by the test. */
export class Play {
  readonly machine: AnyStateMachine;
  snapshot: AnyMachineSnapshot;
  /** What runs now, by invoke id. */
  readonly running = new Map<string, Running>();
  /** Armed timers and their delays in ms. */
  readonly timers = new Map<string, number>();
  /** Every invoke started and every abort asked for, in order. */
  readonly story: string[] = [];

  constructor(spec: SagaSpec, input: unknown = {}) {
    checkSpec(spec);
    this.machine = sagaChart(spec);
    const [snapshot, effects] = initialTransition(this.machine, input);
    if ((snapshot as AnyMachineSnapshot).error) throw (snapshot as AnyMachineSnapshot).error;
    this.snapshot = snapshot as AnyMachineSnapshot;
    this.#apply(effects);
  }

  get context(): SagaContext { return this.snapshot.context as SagaContext; }
  get output(): SagaOutput { return this.snapshot.output as SagaOutput; }
  get value(): { work: unknown; control: string } { return this.snapshot.value as { work: unknown; control: string }; }
  get tags(): string[] { return [...this.snapshot.tags].filter((tag) => statuses.includes(tag)); }
  get status(): string { return this.tags.join('+'); }
  get allowed(): string[] { return ['stop', 'start', 'cancel', 'retry-undo', 'abandon'].filter((type) => this.snapshot.can({ type })); }

  /** A command; answers whether the chart took it. */
  send(type: string, body: object = {}): boolean {
    if (!this.snapshot.can({ type, ...body })) return false;
    this.#step({ type, ...body });
    return true;
  }

  done(id: string, output: unknown = {}): this {
    this.#end(id);
    this.#step({ type: `xstate.done.actor.${id}`, output, actorId: id });
    return this;
  }

  fail(id: string, failure: Partial<Failure> = {}): this {
    this.#end(id);
    const error: Failure = { name: 'RetryableError', code: 'oops', message: `${id} failed`, retryable: true, ...failure };
    this.#step({ type: `xstate.error.actor.${id}`, error, actorId: id });
    return this;
  }

  /** The only armed timer, or the named one, goes off; answers its delay. */
  fire(id: string | undefined = [...this.timers.keys()][0]): number {
    const delay = id === undefined ? undefined : this.timers.get(id);
    if (id === undefined || delay === undefined) throw new Error('no timer is armed');
    this.timers.delete(id);
    this.#step({ type: id });
    return delay;
  }

  #end(id: string): void {
    if (!this.running.delete(id)) throw new Error(`${id} is not running; running: ${[...this.running.keys()].join(', ')}`);
  }

  #step(event: { type: string }): void {
    const [snapshot, effects] = transition(this.machine, this.snapshot, event);
    this.snapshot = snapshot as AnyMachineSnapshot;
    this.#apply(effects);
  }

  #apply(effects: readonly { type: string; params?: unknown }[]): void {
    for (const { type, params } of effects) {
      const p = (params ?? {}) as { id: string; input: Json; sendId: string; delay: number };
      if (type === 'xstate.spawnChild') {
        this.running.set(p.id, { id: p.id, input: p.input, aborting: false });
        this.story.push(p.id);
      } else if (type === 'xstate.stopChild') {
        if (this.running.delete(p.id)) throw new Error(`${p.id} was left while it ran`);
      } else if (type === 'xstate.raise') this.timers.set(p.id, p.delay);
      else if (type === 'xstate.cancel') this.timers.delete(p.sendId);
      else if (type === 'millrace.abort') {
        const target = this.running.get(p.id);
        if (!target || target.aborting) throw new Error(`abort of ${p.id}, which is ${target ? 'being aborted' : 'not running'}`);
        target.aborting = true;
        this.story.push(`abort ${p.id}`);
      } else throw new Error(`unexpected effect ${type}`);
    }
  }
}
