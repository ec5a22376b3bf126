import type { Effect } from '../../../../src/kernel/effect.ts';
import type { Failure } from '../../../../src/kernel/errors.ts';
import { evolve } from '../../../../src/kernel/evolve.ts';
import { freeze, thaw } from '../../../../src/kernel/freeze.ts';
import { judge } from '../../../../src/kernel/judge.ts';
import { seal } from '../../../../src/kernel/chain.ts';
import type { JsonObject } from '../../../../src/kernel/json.ts';
import type { EffectId, LogRecord } from '../../../../src/kernel/record.ts';
import type { ActorState } from '../../../../src/kernel/state.ts';
import { contextOf, outputOf, statusOf, valueOf } from '../../../../src/kernel/status.ts';
import type { RunContext } from '../../../../src/machines/run/context.ts';
import type { RunOutput } from '../../../../src/machines/run/output.ts';
import { runDefinition } from '../../../../src/machines/run/machine.ts';
import { fakeRunner } from '../../../support/fake/runner.ts';

export const definition = runDefinition({ runners: () => fakeRunner() });

export const httpError = (code: string, retryable: boolean): Failure =>
  ({ name: retryable ? 'RetryableError' : 'TerminalError', code, message: `the service said ${code}`, retryable });

/** A run folded record by record in virtual time; the test plays the runner. */
export class RunPlay {
  now = 1_700_000_000_000;
  records: LogRecord[] = [];
  /** Every activity that was started, in order, with the moment. */
  readonly calls: { readonly activity: string; readonly at: number }[] = [];
  #state: ActorState | undefined;

  constructor(input: JsonObject = {}) {
    this.#append('actor.created', 'cmd-1', { input: { runner: 'remote', head: [{ uri: 'source:x' }], ...input } });
  }

  get state(): ActorState {
    if (this.#state === undefined) throw new Error('not created');
    return this.#state;
  }
  get context(): RunContext { return contextOf(this.state) as unknown as RunContext; }
  get value(): unknown { return valueOf(this.state); }
  get status(): string { return statusOf(definition, this.state); }
  get output(): RunOutput { return outputOf(this.state) as unknown as RunOutput; }
  get running(): string[] { return Object.values(this.state.activities).map(({ activity }) => activity); }
  count(activity: string): number { return this.calls.filter((call) => call.activity === activity).length; }

  done(activity: string, output: unknown = null): this {
    this.#append('activity.completed', this.#effectOf(activity), { activity, effect: this.#effectOf(activity), output: output as JsonObject });
    return this;
  }

  fail(activity: string, error: Failure = httpError('http_502', true)): this {
    this.#append('activity.failed', this.#effectOf(activity), { activity, effect: this.#effectOf(activity), error: error as unknown as JsonObject });
    return this;
  }

  /** A command; answers whether it was taken into the log. */
  send(command: string, data: JsonObject = {}): boolean {
    const verdict = judge(definition, this.state, command, data);
    if (!verdict.accepted || verdict.repeats !== undefined) return false;
    this.#append(command, `cmd-${this.records.length + 1}`, data);
    return true;
  }

  /** Let the earliest timer come due, unless it is later than `withinMs`; answers how long it took. */
  wait(withinMs = Infinity): number {
    const [first] = Object.entries(this.state.timers).toSorted(([, a], [, b]) => a.due - b.due);
    if (first === undefined || first[1].due > this.now + withinMs) throw new Error(`nothing comes due in ${JSON.stringify(this.value)}`);
    const [effect, { timer, due }] = first;
    const waited = Math.max(0, due - this.now);
    this.now = Math.max(this.now, due);
    this.#append('timer.fired', effect, { timer, effect });
    return waited;
  }

  /** The next check, answered with this status. */
  poll(status: string, metadata: JsonObject = {}): number {
    const waited = this.wait();
    this.done(this.running[0] ?? 'nothing', { status, metadata });
    return waited;
  }

  /** As after a crash: only what was stored is left. */
  restart(): this {
    this.#state = thaw(definition, freeze(this.state));
    return this;
  }

  #effectOf(activity: string): EffectId {
    const found = Object.entries(this.state.activities).find(([, running]) => running.activity === activity);
    if (found === undefined) throw new Error(`${activity} is not running; running: ${this.running.join(', ')}`);
    return found[0] as EffectId;
  }

  #append(type: string, cause: string, data: JsonObject): void {
    const record = seal(this.records.at(-1)?.chain, { actor: 'run/r1', seq: this.records.length + 1, at: this.now, type, cause, machine: definition.stamp, data });
    const { state, effects } = evolve(definition, this.#state, record);
    this.records.push(record);
    this.#state = state;
    for (const effect of effects) this.#note(effect);
  }

  #note(effect: Effect): void {
    if (effect.kind === 'activity.start') this.calls.push({ activity: effect.activity, at: this.now });
  }
}

/** A run whose build is known: the first check is still to come. */
export const triggered = (input: JsonObject = {}): RunPlay => new RunPlay(input).done('trigger', { buildId: 'b1', pausable: false });
