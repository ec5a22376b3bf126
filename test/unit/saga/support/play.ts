import { defineSaga } from '../../../../src/machines/saga/define.ts';
import type { Definition, Verdict } from '../../../../src/kernel/definition.ts';
import type { Effect } from '../../../../src/kernel/effect.ts';
import type { Failure } from '../../../../src/kernel/errors.ts';
import { evolve } from '../../../../src/kernel/evolve.ts';
import { allowedNow, judge } from '../../../../src/kernel/judge.ts';
import type { Json, JsonObject } from '../../../../src/kernel/json.ts';
import type { EffectId, LogRecord } from '../../../../src/kernel/record.ts';
import type { ControlRequest } from '../../../../src/kernel/request.ts';
import { contextOf, hasEnded, outputOf, statusOf, valueOf } from '../../../../src/kernel/status.ts';
import type { ActorState } from '../../../../src/kernel/state.ts';
import { tagsIn } from '../../../../src/kernel/xstate.ts';
import type { SagaContext, SagaOutput, SagaSpec } from '../../../../src/machines/saga/types.ts';

type Body = { readonly by?: string; readonly reason?: string };

export interface Running {
  readonly id: string;
  readonly effect: EffectId;
  readonly child: boolean;
  readonly input: Json;
  readonly aborting: boolean;
}

export const statuses = ['running', 'waiting', 'stopping', 'stopped', 'undoing', 'completed', 'failed', 'cancelled', 'blocked'];

/** A saga driven record by record through the kernel, with the world played by the test. */
export class Play {
  readonly definition: Definition;
  readonly log: LogRecord[] = [];
  state: ActorState;
  /** What runs now, by invoke id. */
  readonly running = new Map<string, Running>();
  /** Armed timers and their delays in ms. */
  readonly timers = new Map<string, { readonly effect: EffectId; readonly delay: number }>();
  /** Every invoke started and every abort asked for, in order. */
  readonly story: string[] = [];

  constructor(spec: SagaSpec, input: JsonObject = {}) {
    this.definition = defineSaga(spec);
    this.state = this.#take('actor.created', { input }, undefined);
  }

  get context(): SagaContext { return contextOf(this.state) as unknown as SagaContext; }
  get output(): SagaOutput { return outputOf(this.state) as unknown as SagaOutput; }
  get value(): { work: unknown; control: string } { return valueOf(this.state) as { work: unknown; control: string }; }
  get status(): string { return statusOf(this.definition, this.state); }
  get ended(): boolean { return hasEnded(this.state); }
  get allowed(): readonly string[] { return allowedNow(this.definition, this.state); }
  get tags(): string[] { return tagsIn(this.state.snapshot).filter((tag) => statuses.includes(tag)); }

  get requests(): readonly ControlRequest[] { return this.context.requests; }

  /** A command; answers whether it was taken into the log. */
  send(type: string, body: Body = {}): boolean {
    const verdict = this.ask(type, body);
    return verdict.accepted && verdict.repeats === undefined;
  }

  /** A command; answers the verdict on it. */
  ask(type: string, body: Body = {}): Verdict {
    const verdict = judge(this.definition, this.state, type, body);
    if (verdict.accepted && verdict.repeats === undefined) this.#take(type, body, this.state);
    return verdict;
  }

  done(id: string, output: Json = {}): this {
    const { child, effect } = this.#end(id);
    this.#take(child ? 'child.completed' : 'activity.completed', { [child ? 'child' : 'activity']: id, effect, output }, this.state);
    return this;
  }

  fail(id: string, failure: Partial<Failure> = {}): this {
    const { child, effect } = this.#end(id);
    const error = { name: 'RetryableError', code: 'oops', message: `${id} failed`, retryable: true, ...failure };
    this.#take(child ? 'child.failed' : 'activity.failed', { [child ? 'child' : 'activity']: id, effect, error }, this.state);
    return this;
  }

  /** A child tells how it stands, after this many records of its own. */
  told(id: string, news: 'stopped' | 'resumed', seq: number): this {
    const running = this.running.get(id);
    if (running === undefined) throw new Error(`${id} is not running`);
    this.#take(`child.${news}`, { child: id, effect: running.effect, seq }, this.state);
    return this;
  }

  /** The only armed timer, or the named one, goes off; answers its delay in ms. */
  fire(timer: string | undefined = [...this.timers.keys()][0]): number {
    const armed = timer === undefined ? undefined : this.timers.get(timer);
    if (timer === undefined || armed === undefined) throw new Error('no timer is armed');
    this.timers.delete(timer);
    this.#take('timer.fired', { timer, effect: armed.effect }, this.state);
    return armed.delay;
  }

  #end(id: string): Running {
    const running = this.running.get(id);
    if (running === undefined) throw new Error(`${id} is not running; running: ${[...this.running.keys()].join(', ')}`);
    this.running.delete(id);
    return running;
  }

  #take(type: string, data: JsonObject, before: ActorState | undefined): ActorState {
    const seq = this.log.length + 1;
    const by = typeof data['by'] === 'string' ? { by: data['by'] } : {};
    const record: LogRecord = { actor: 'demo/d1', seq, at: seq * 1_000, type, cause: `c${seq}`, ...by, machine: this.definition.stamp, data, chain: '' };
    const { state, effects } = evolve(this.definition, before, record);
    this.log.push(record);
    this.state = state;
    for (const effect of effects) this.#do(effect, record.at);
    return state;
  }

  #do(effect: Effect, at: number): void {
    switch (effect.kind) {
      case 'activity.start': return this.#start({ id: effect.activity, effect: effect.id, child: false, input: effect.input, aborting: false });
      case 'child.start': return this.#start({ id: effect.child, effect: effect.id, child: true, input: effect.input, aborting: false });
      case 'activity.abort': return this.#abort(effect.activity, effect.awaited);
      case 'child.stop': return this.#abort(effect.child, effect.awaited);
      case 'timer.set': return void this.timers.set(effect.timer, { effect: effect.id, delay: effect.due - at });
      case 'timer.cancel': return void this.timers.delete(effect.timer);
      case 'command.send': return void this.story.push(`${effect.command} ${effect.to.split('--').at(-2) ?? effect.to}`);
      default: throw new Error(`a saga asks for no ${effect.kind}`);
    }
  }

  #start(running: Running): void {
    this.running.set(running.id, running);
    this.story.push(running.id);
  }

  #abort(id: string, awaited: boolean): void {
    const running = this.running.get(id);
    if (!awaited) throw new Error(`${id} was left while it may still run`);
    if (running === undefined || running.aborting) throw new Error(`abort of ${id}, which is ${running ? 'being aborted' : 'not running'}`);
    this.running.set(id, { ...running, aborting: true });
    this.story.push(`abort ${id}`);
  }
}
