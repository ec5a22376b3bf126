import { inTurn } from '../../../src/adapters/declarers/in-turn.ts';
import { millraceDeclarer } from '../../../src/adapters/declarers/millrace.ts';
import { header } from '../../../src/adapters/nats/queue/wire.ts';
import { promiseDesk, type Desk } from '../../../src/adapters/job/desk.ts';
import type { Told } from '../../../src/adapters/job/told.ts';
import type { Millrace } from '../../../src/connect.ts';
import type { Definition } from '../../../src/kernel/definition.ts';
import { RetryableError } from '../../../src/kernel/errors.ts';
import type { JsonObject } from '../../../src/kernel/json.ts';
import type { Declarer } from '../../../src/machines/promise/declarer.ts';
import { promiseDefinition } from '../../../src/machines/promise/machine.ts';
import { runDefinition } from '../../../src/machines/run/machine.ts';
import { promiseActors } from '../../../src/promise-actors.ts';
import { promiseBook } from '../../../src/promise-book.ts';
import { fakeRunner } from '../fake/runner.ts';
import { makeWorld, type World } from '../world.ts';

export interface MillOptions {
  /** Told after Millrace itself. */
  readonly upstreams?: (world: () => World) => readonly Declarer[];
  readonly more?: (run: Definition) => readonly Definition[];
}

/** A worker: a host that carries runs and promises, and the desk of its jobs. */
export interface MillWorker {
  readonly desk: Desk;
  /** Gone at once; its callers get no answer any more. */
  crash(): void;
}

/** Runs, promises and their workers in virtual time. */
export interface Mill {
  readonly world: World;
  readonly declarer: Declarer;
  worker(): Promise<MillWorker>;
  /** A run whose build does what `script` says, and then runs on. */
  run(id: string, script?: string, more?: JsonObject): Promise<void>;
  /** Answers, as virtual time is moved on until all of them are there. */
  all(asked: readonly Promise<Told>[]): Promise<readonly Told[]>;
  whileTimeGoesOn<T>(work: Promise<T>): Promise<T>;
}

export function mill({ upstreams = () => [], more = () => [] }: MillOptions = {}): Mill {
  const runner = fakeRunner();
  const run = runDefinition({ runners: () => runner });
  const actors = promiseActors({ send, log: asLog(() => world), board: asBoard(() => world) }, run);
  const declarer = millraceDeclarer(actors);
  const promise = promiseDefinition({ declarer: inTurn(declarer, ...upstreams(() => world)), isOver: actors.isOver });
  const world = makeWorld([run, promise, ...more(run)]);
  let asked = 0;

  async function send(actor: string, command: string, body: JsonObject = {}, { id = `ask-${++asked}`, by = 'tester', timeoutMs = 10_000 } = {}) {
    const until = world.clock.now() + timeoutMs;
    // As the real asking does: the same command's id, and every time a message and a reply of its own.
    const reply = `reply.${id}.${++asked}`;
    await world.queue.publish(`millrace.cmd.${actor.replace('/', '.')}.${command}`, JSON.stringify(body), { [header.messageId]: reply, [header.commandId]: id, [header.reply]: reply, [header.by]: by });
    for (;;) {
      const answer = world.queue.replies.findLast(({ subject }) => subject === reply)?.body;
      if (answer !== undefined) return answer as unknown as Awaited<ReturnType<Millrace['send']>>;
      if (world.clock.now() >= until) throw new RetryableError('no_answer', `no answer to ${command}`);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
  }

  /** Not a timer further than needed: what is waited for is often ready now. */
  async function whileTimeGoesOn<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const mark = (): void => { done = true; };
    work.then(mark, mark);
    for (const end = world.clock.now() + 600_000; !done && world.clock.now() < end;) {
      for (let turn = 0; turn < 20 && !done; turn++) await world.clock.settle();
      if (!done) await world.clock.advance(50);
    }
    return await work;
  }

  return {
    world, declarer,
    async worker() {
      const { crash } = await world.host();
      const desk = promiseDesk(promiseBook({ send, log: world.log }, promise), world.clock);
      return { desk, crash: () => { crash(); desk.close(); } };
    },
    async run(id, script = 'accepted running', given = {}) {
      await world.send(`run/${id}`, 'trigger', { runner: 'fake', head: [{ uri: 'source:x' }], metadata: { 'fake.status': script }, ...given });
      await world.clock.advance(1);
    },
    all: (answers) => whileTimeGoesOn(Promise.all(answers)),
    whileTimeGoesOn,
  };
}

const asLog = (world: () => World): Millrace['log'] => new Proxy({} as Millrace['log'], { get: (_, key) => world().log[key as keyof Millrace['log']] });
const asBoard = (world: () => World): Millrace['board'] => new Proxy({} as Millrace['board'], { get: (_, key) => world().board[key as keyof Millrace['board']] });
