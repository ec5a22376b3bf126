import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Patient } from '../../src/adapters/nats/doctor/patient.ts';
import { checkWorkers } from '../../src/adapters/nats/doctor/workers.ts';
import { waitingFor } from '../../src/adapters/nats/workers/waiting.ts';
import { connect, type Millrace, type Worker } from '../../src/connect.ts';
import type { Definition } from '../../src/kernel/definition.ts';
import { defineSaga } from '../../src/machines/saga/define.ts';
import { step } from '../../src/machines/saga/step.ts';
import { eventually } from '../support/broker.ts';
import { startNats, type TestNats } from '../support/nats.ts';

/** Two steps; the second ends when the test says so, or is interrupted. */
function trip(version: string, go: () => Promise<unknown>, resumesFrom: readonly string[] = []): Definition {
  const walk = (name: string, run: () => Promise<unknown>) => step({
    name, needs: z.object({}), gives: z.object({ [name]: z.string() }),
    async run({ signal }) {
      await Promise.race([run(), new Promise((_resolve, reject) => { signal.addEventListener('abort', () => reject(signal.reason as Error)); })]);
      return { [name]: version };
    },
    undo: () => Promise.resolve(),
  });
  return defineSaga({ name: 'trip', version, resumesFrom, input: z.object({}), steps: [walk('first', () => Promise.resolve()), walk(version === '2' ? 'other' : 'second', go)] });
}

describe('workers of different definitions on one server', () => {
  const never = (): Promise<never> => new Promise<never>(() => {});
  const atOnce = (): Promise<void> => Promise.resolve();
  let nats: TestNats;
  let millrace: Millrace;
  let crew: Worker[];
  let made = 0;
  beforeAll(async () => { nats = await startNats(); });
  afterAll(async () => { await nats.stop(); });
  beforeEach(async () => {
    millrace = await connect({ servers: nats.url, prefix: `d${++made}`, storage: 'memory', ackWaitMs: 1_000, priorityTimeoutMs: 600 });
    crew = [];
  });
  afterEach(async () => {
    await Promise.all(crew.map((worker) => worker.stop({ graceMs: 200 })));
    await millrace.close();
  });

  async function hire(definition: Definition): Promise<Worker> {
    const worker = await millrace.worker({ machines: [definition], leaseMs: 800 });
    crew.push(worker);
    return worker;
  }
  /** A trip whose worker of version 1 went away in its second step. */
  async function interrupted(id: string): Promise<void> {
    const first = await millrace.worker({ machines: [trip('1', never)], leaseMs: 800 });
    await millrace.send(`trip/${id}`, 'create');
    await eventually(async () => (await millrace.history(`trip/${id}`)).length === 2);
    await first.stop({ graceMs: 200 });
  }
  const statusOf = async (id: string): Promise<string | undefined> => (await millrace.board.get(`trip/${id}`))?.status;

  it('A7.16: given work that version 1 began, when only version 2 is there, then it waits for version 1, blocked with both named, and goes on when that one comes', async () => {
    await interrupted('t1');
    await hire(trip('2', atOnce));
    await eventually(async () => (await statusOf('t1')) === 'blocked', 10_000);
    expect((await millrace.board.get('trip/t1'))?.value).toMatch(/trip 1 \(\w{12}\), and this is trip 2 \(\w{12}\)/);
    await expect(millrace.send('trip/t1', 'cancel', {}, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'no_answer' });
    expect(await waitingFor(millrace.broker)).toMatchObject([{ machine: 'trip', version: '1', commands: 2, actors: 1, carried: false }]);
    expect(await checkWorkers({ broker: millrace.broker } as Patient)).toMatchObject({ level: 'problem', detail: expect.stringMatching(/trip 1 \(\w{12}\)/) as string });
    await hire(trip('1', atOnce));
    await eventually(async () => ['cancelled', 'completed'].includes(await statusOf('t1') ?? ''), 10_000);
    await eventually(async () => (await waitingFor(millrace.broker)).length === 0);
    expect(await millrace.dead.list()).toEqual([]);
  });

  it('A7.16: given work that version 1 began, when version 3 resumes from it beside version 2, then version 3 goes on, and the log says from where', async () => {
    await interrupted('t2');
    await hire(trip('2', atOnce));
    await eventually(async () => (await statusOf('t2')) === 'blocked', 10_000);
    await hire(trip('3', atOnce, ['1']));
    await eventually(async () => (await statusOf('t2')) === 'completed', 10_000);
    const versions = (await millrace.history('trip/t2')).map(({ machine }) => machine.version);
    expect(versions).toEqual(['1', '1', '3']);
    expect(await millrace.state(trip('3', atOnce, ['1']), 'trip/t2')).toMatchObject({ status: 'completed' });
  });

  it('A7.16: given workers of both versions, when commands come for actors of both, then each is answered by its own, and nobody is blocked', async () => {
    await hire(trip('1', never));
    const ids = Array.from({ length: 8 }, (_, n) => `o${n}`);
    for (const id of ids) await millrace.send(`trip/${id}`, 'create');
    await hire(trip('2', never));
    for (const id of ids) expect(await millrace.send(`trip/${id}`, 'cancel', {}, { timeoutMs: 10_000 })).toMatchObject({ accepted: true });
    await eventually(async () => (await Promise.all(ids.map(statusOf))).every((status) => status === 'cancelled'), 10_000);
    for (const id of ids) expect(new Set((await millrace.history(`trip/${id}`)).map(({ machine }) => machine.version))).toEqual(new Set(['1']));
  });
});
