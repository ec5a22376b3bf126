import { afterEach, describe, expect, it } from 'vitest';
import type { ActorName } from '../../../src/kernel/record.ts';
import { eventually } from '../../support/broker.ts';
import type { WorkerProcess } from '../../support/build/worker.ts';
import { processTeam, type ProcessTeam } from '../../support/team/processes.ts';

const jobs = 30;
const tallies = 10;
const rounds = 40;

describe('three worker processes', () => {
  let team: ProcessTeam;
  let crew: WorkerProcess[];
  const gather = async (ackWaitMs?: number): Promise<void> => {
    team = await processTeam(ackWaitMs);
    crew = [await team.start(), await team.start(), await team.start()];
    await team.settled(3);
  };
  afterEach(() => team.end());

  const send = (to: ActorName, command: string, body: { [key: string]: number }): Promise<void> =>
    team.millrace.queue.send({ to, command, body, id: `${to.replace('/', '-')}-${command}-${body.n ?? 0}` });

  /** Start everything; the tallies are told numbers, in order, while `amid` happens. */
  async function work(amid: () => Promise<void>): Promise<void> {
    for (let j = 0; j < jobs; j++) await send(`job/j${j}`, 'create', { ms: 400 });
    for (let a = 0; a < tallies; a++) await send(`tally/t${a}`, 'create', {});
    await eventually(async () => (await team.notes()).length >= jobs);
    const happening = amid();
    for (let n = 1; n <= rounds; n++) {
      for (let a = 0; a < tallies; a++) await send(`tally/t${a}`, 'add', { n });
      await new Promise((resolve) => { setTimeout(resolve, 25); });
    }
    await happening;
  }

  async function expectAllDone(): Promise<void> {
    const isCompleted = async (n: number): Promise<boolean> => (await team.millrace.log.read(`job/j${n}`)).records.at(-1)?.data.activity === 'three';
    for (let j = 0; j < jobs; j++) await eventually(() => isCompleted(j), 20_000);
    const told = async (actor: ActorName): Promise<unknown[]> => (await team.millrace.log.read(actor)).records.slice(1).map(({ data }) => data.n);
    for (let a = 0; a < tallies; a++) {
      await eventually(async () => (await told(`tally/t${a}`)).length === rounds, 10_000);
      expect(await told(`tally/t${a}`)).toEqual(Array.from({ length: rounds }, (_, n) => n + 1));
    }
    expect(await team.millrace.dead.list()).toEqual([]);
  }

  it('given 30 running sagas, when one worker is killed, then all are completed, each effect is there once, only the dead one\'s work is run again, and order is kept', async () => {
    await gather();
    const doomed = crew[0]?.pid ?? 0;
    expect(await team.serves(doomed)).not.toEqual([]);
    let died = 0;
    await work(async () => { await crew[0]?.kill(); died = Date.now(); });
    await expectAllDone();
    const notes = await team.notes();
    const done = notes.filter(({ what }) => what === 'done').map(({ key }) => key);
    expect(done).toHaveLength(3 * jobs);
    expect(new Set(done).size).toBe(3 * jobs);
    const interrupted = notes.filter(({ what, key, pid }) => what === 'began' && pid === doomed && !notes.some((other) => other.what === 'done' && other.key === key && other.pid === doomed));
    expect(interrupted.length).toBeGreaterThan(0);
    const keys = new Set(interrupted.map(({ key }) => key));
    const again = notes.filter(({ what, key, pid }) => what === 'began' && keys.has(key) && pid !== doomed);
    expect(again).toHaveLength(keys.size);
    expect(notes.filter(({ what }) => what === 'began')).toHaveLength(3 * jobs + keys.size);
    expect(Math.min(...again.map(({ at }) => at)) - died).toBeLessThan(5_000);
    await team.settled(2);
  }, 60_000);

  it('given 30 running sagas, when one worker is told to end, then all are completed, nothing takes effect twice, and order is kept', async () => {
    await gather();
    const leaving = crew[0]?.pid ?? 0;
    let left = 0;
    await work(async () => { left = Date.now(); await crew[0]?.stop(); });
    await expectAllDone();
    const notes = await team.notes();
    const done = notes.filter(({ what }) => what === 'done').map(({ key }) => key);
    expect(done).toHaveLength(3 * jobs);
    expect(new Set(done).size).toBe(3 * jobs);
    const began = new Set(notes.filter(({ what, pid }) => what === 'began' && pid === leaving).map(({ key }) => key));
    const again = notes.filter(({ what, key, pid }) => what === 'began' && began.has(key) && pid !== leaving);
    expect(Math.max(left, ...again.map(({ at }) => at)) - left).toBeLessThan(3_000);
    await team.settled(2);
  }, 60_000);

  it('given a worker that is stopped in its tracks for longer than its lease, when it goes on, then the others have done its work, and it takes part again', async () => {
    await gather();
    const paused = crew[0]?.pid ?? 0;
    await work(async () => {
      process.kill(paused, 'SIGSTOP');
      await team.settled(2).finally(() => { process.kill(paused, 'SIGCONT'); });
    });
    await expectAllDone();
    await team.settled(3);
    expect(await team.serves(paused)).not.toEqual([]);
  }, 60_000);

  it('given a server that is killed and started again, then the workers share as before and everything is done', async () => {
    // What the dying server had on its way comes back by this alone.
    await gather(2_000);
    await work(() => team.nats.restart());
    await expectAllDone();
    await team.settled(3);
  }, 60_000);
});
