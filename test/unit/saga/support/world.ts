import assert from 'node:assert/strict';
import type { Needs } from '../../../../src/machines/saga/needs.ts';
import type { Step } from '../../../../src/machines/saga/step.ts';
import { statuses, type Play, type Running } from './play.ts';
import { terminal } from './specs.ts';

/** How code may end; `half`: with its effect there all the same. Undos fail more often, so that many sagas get blocked. */
const ends = ['ok', 'ok', 'ok', 'ok', 'retry', 'halfRetry', 'never', 'halfNever'];
const undoEnds = ['ok', 'ok', 'halfRetry', 'never', 'halfNever'];
const commands = ['stop', 'start', 'cancel', 'retry-undo', 'abandon'];

/** What a saga's steps changed, and every rule that must hold at every moment. */
export class World {
  /** Steps whose effect is there now. */
  readonly applied = new Set<string>();
  /** Effects taken back, in order. */
  readonly takenBack: string[] = [];
  readonly #foreign: ReadonlySet<string>;
  /** Steps in the order in which they were done. */
  readonly #done: string[] = [];
  #seen = 0;

  /** `needs`: of a saga whose steps run by their needs. */
  constructor(readonly play: Play, readonly steps: readonly Step[], foreign: readonly string[], readonly needs?: Needs) {
    this.#foreign = new Set(foreign);
    this.#judge();
  }

  /** One move out of those that are possible now; every number is one. */
  move(number: number): void {
    const { play } = this;
    const moves: (() => void)[] = [];
    for (const { id } of play.running.values()) for (const how of id.startsWith('undo-') ? undoEnds : ends) moves.push(() => this.#end(id, how));
    for (const timer of play.timers.keys()) moves.push(() => play.fire(timer), () => play.fire(timer));
    for (const command of commands) moves.push(() => play.send(command));
    const { state, ended } = play;
    moves[number % moves.length]?.();
    if (ended) assert.equal(play.state, state, 'what has ended never changes');
    const turned = play.context.control.wish === 'cancel' || play.context.error !== null;
    if (!turned) assert.deepEqual(play.story.filter((id) => id.startsWith('undo-')), [], 'only a failure or a cancel undoes');
    this.#judge();
  }

  /** From now on everything works, a stopped saga is started and a blocked undo is tried again. */
  settle(): void {
    for (let left = 500; !this.play.ended; left--) {
      assert.ok(left > 0, JSON.stringify(this.play.value));
      const [running] = this.play.running.keys();
      const [timer] = this.play.timers.keys();
      if (running !== undefined) this.#end(running, 'ok');
      else if (timer !== undefined) this.play.fire(timer);
      else assert.ok(this.play.send(this.play.status === 'blocked' ? 'retry-undo' : 'start'), `nothing goes on in ${this.play.status}`);
      this.#judge();
    }
  }

  judgeEnd(): void {
    const { play, steps, applied } = this;
    const { output, context } = play;
    assert.deepEqual([...play.running.keys(), ...play.timers.keys()], []);
    for (const command of commands) assert.equal(play.send(command), false, command);
    if (output.status === 'completed') {
      const missing = steps.filter((step) => !step.skipIf && !step.bookkeeping && !applied.has(step.name) && !this.#foreign.has(step.name));
      assert.deepEqual(missing.map((step) => step.name), []);
      assert.deepEqual(this.takenBack, []);
      return;
    }
    const undoable = steps.filter((step) => step.undo).map((step) => step.name);
    const settled = [...output.undone, ...output.left];
    const expected = this.needs ? this.#done : undoable;
    assert.deepEqual(settled.filter((name) => expected.includes(name)), expected.filter((name) => settled.includes(name)).reverse(), 'strictly in reverse');
    assert.deepEqual(undoable.filter((name) => applied.has(name) && !output.left.includes(name)), [], 'nothing stands that was not left by name');
    assert.equal(new Set(this.takenBack).size, this.takenBack.length, 'undone once in effect');
    const own = steps.filter((step) => step.undo && !step.skipIf && !this.#foreign.has(step.name)).map((step) => step.name);
    assert.deepEqual(context.order.filter((name) => own.includes(name) && !settled.includes(name)), [], 'every completed step is accounted for');
    assert.ok(context.abandoned !== null || output.left.length === 0);
    assert.ok(output.status === 'cancelled' ? context.control.wish === 'cancel' && output.error === undefined : output.error !== undefined);
  }

  #end(id: string, how: string): void {
    const { play } = this;
    const name = id.replace(/^(check|undo)-/, '');
    if (id.startsWith('final-check-')) {
      if (how !== 'ok') return void play.fail(id, { ...terminal, code: 'target_changed' });
      const { asks } = (play.running.get(id) as Running).input as unknown as { asks: { step: string }[] };
      const found = asks.map(({ step }) => step).filter((step) => this.applied.has(step) || this.#foreign.has(step));
      this.#done.push(...found.filter((step) => play.context.steps[step]?.status === 'pending'));
      return void play.done(id, { found: Object.fromEntries(found.map((step) => [step, {}])) });
    }
    if (id.startsWith('check-')) {
      if (how !== 'ok') return void play.fail(id, how.endsWith('etry') ? {} : terminal);
      const found = this.applied.has(name) || this.#foreign.has(name);
      if (found) this.#done.push(name);
      return void play.done(id, found ? { found, gives: {} } : { found, gives: null });
    }
    const undo = id.startsWith('undo-');
    if (how === 'ok' || how.startsWith('half')) {
      if (!undo) this.applied.add(name);
      else if (this.applied.delete(name)) this.takenBack.push(name);
    }
    if (how === 'ok' && !undo) this.#done.push(name);
    if (how === 'ok') return void play.done(id, { ok: true });
    play.fail(id, how.endsWith('etry') ? {} : terminal);
  }

  #judge(): void {
    const { play, steps } = this;
    assert.ok(this.needs ? play.tags.length > 0 : play.tags.length === 1, `${JSON.stringify(play.value)} shows ${play.status}`);
    assert.ok(statuses.includes(play.status));
    this.#judgeRunning();
    assert.equal(play.value.control === 'stopped', play.status === 'stopped');
    assert.equal(play.value.control === 'blocked', play.status === 'blocked');
    this.#judgeWish();
    for (const id of play.story.slice(this.#seen)) {
      if (!id.startsWith('undo-')) continue;
      const index = steps.findIndex((step) => `undo-${step.name}` === id);
      const later = steps.filter((step) => step.undo && this.applied.has(step.name) && this.#isLater(step.name, steps[index]?.name ?? ''));
      assert.deepEqual(later.map((step) => step.name), [], `${id} while later steps stand`);
      assert.ok(!this.#foreign.has(steps[index]?.name ?? ''), 'never undo what somebody else did');
    }
    this.#seen = play.story.length;
  }

  /** Must `step` be undone before `other`? */
  #isLater(step: string, other: string): boolean {
    const at = (name: string): number => this.steps.findIndex((one) => one.name === name);
    if (!this.needs) return at(step) > at(other);
    const done = (name: string): number => (this.#done.includes(name) ? this.#done.indexOf(name) : Infinity);
    return this.needs.isAfter(step, other) || (done(step) > done(other) && !this.needs.isAfter(other, step));
  }

  /** What may run at the same time. */
  #judgeRunning(): void {
    const { play: { running, context }, needs } = this;
    const ids = [...running.keys()];
    const at = `at once: ${ids.join(', ')}`;
    if (!needs || ids.some((id) => id.startsWith('undo-'))) return assert.ok(ids.length <= 1, at);
    const names = ids.map((id) => id.replace(/^(final-)?check-/, ''));
    assert.equal(new Set(names).size, names.length, at);
    for (const name of names) {
      const early: readonly string[] = needs.direct(name).filter((other) => !['done', 'skipped', 'failed'].includes(context.steps[other]?.status ?? ''));
      assert.deepEqual(early, [], `${name} before what it needs`);
    }
    if (context.phase === 'undoing') assert.ok([...running.values()].every(({ aborting }) => aborting), `${at}, on the way back`);
  }

  /** Status and effects follow the wish from the very record that took it. */
  #judgeWish(): void {
    const { status, story, context: { control: { wish } } } = this.play;
    const begun = story.slice(this.#seen).filter((entry) => !entry.startsWith('abort '));
    if (wish === 'run') return;
    const fitting = wish === 'stop' ? ['stopping', 'stopped', 'completed'] : ['undoing', 'blocked', 'cancelled', 'failed'];
    assert.ok(fitting.includes(status), `${status} after ${wish}`);
    const wrong = wish === 'stop' ? begun : begun.filter((id) => !id.startsWith('undo-'));
    assert.deepEqual(wrong, [], `begun after ${wish}`);
  }
}
