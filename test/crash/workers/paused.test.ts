import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { subjectOf } from '../../../src/adapters/nats/log/codec.ts';
import { verify } from '../../../src/kernel/chain.ts';
import type { ActorName, LogRecord } from '../../../src/kernel/record.ts';
import { eventually } from '../../support/broker.ts';
import { processTeam, type ProcessTeam } from '../../support/team/processes.ts';

const sagas: readonly ActorName[] = Array.from({ length: 12 }, (_, n) => `job/j${n}` as const);
const tallies: readonly ActorName[] = Array.from({ length: 8 }, (_, n) => `tally/t${n}` as const);
const keyOf = (actor: ActorName): string => `${actor}/one`;

let team: ProcessTeam;
afterEach(() => team.end());

const send = (to: ActorName, command: string, body: { [key: string]: number } = {}): Promise<void> =>
  team.millrace.queue.send({ to, command, body, id: `${to.replace('/', '-')}-${command}-${body.n ?? 0}` });
const statusOf = async (actor: ActorName): Promise<string | undefined> => (await team.millrace.board.get(actor))?.status;
const recordsOf = async (actor: ActorName): Promise<readonly LogRecord[]> => (await team.millrace.log.read(actor)).records;
/** The sagas whose step did `what` in the process `pid`. */
const actorsThat = async (what: string, pid: number): Promise<readonly ActorName[]> => {
  const keys = new Set((await team.notes()).filter((note) => note.what === what && note.pid === pid).map(({ key }) => key));
  return sagas.filter((actor) => keys.has(keyOf(actor)));
};
const worldAt = (actor: ActorName): Promise<string> => readFile(`${team.file}.world/${keyOf(actor).replaceAll('/', '.')}`, 'utf8');

/** Publishes to the logs of `actors` from now on, stored or refused: who only listens hears both. */
function attempts(actors: readonly ActorName[]): { count: () => number; stop: () => void } {
  const { nc, names } = team.millrace.broker;
  const subscriptions = actors.map((actor) => nc.subscribe(subjectOf(names, actor)));
  return {
    count: () => subscriptions.reduce((sum, subscription) => sum + subscription.getReceived(), 0),
    stop: () => subscriptions.forEach((subscription) => subscription.unsubscribe()),
  };
}

it('A7.10, A7.11: given a worker that is paused right before its effects for longer than every lease, and another that has done or undone its work meanwhile, when it goes on, then its effects are refused by their keys, its writes store nothing, and it takes part again', async () => {
  team = await processTeam(1_500, 'keyed.mjs');
  const [{ pid: paused }, { pid: other }] = [await team.start(), await team.start()];
  await team.settled(2);
  for (const actor of tallies) await send(actor, 'create');
  for (const actor of tallies) await send(actor, 'add', { n: 1 });
  for (const actor of sagas) await send(actor, 'create');
  await eventually(async () => (await team.notes()).length === sagas.length, 10_000);
  const lost = await actorsThat('began', paused);
  expect(lost.length).toBeGreaterThan(1);

  process.kill(paused, 'SIGSTOP');
  try {
    // Some of these are in its socket when it stops, and are told to the other one as well.
    for (const n of [2, 3]) for (const actor of tallies) await send(actor, 'add', { n });
    await eventually(async () => (await actorsThat('began', other)).length === sagas.length, 20_000);
    const cancelled = lost.filter((_, index) => index % 2 === 0);
    for (const actor of cancelled) await send(actor, 'cancel');
    await eventually(async () => (await Promise.all(cancelled.map(statusOf))).every((status) => status === 'cancelled'), 10_000);
    await writeFile(`${team.file}.gate`, '');
    const completed = sagas.filter((actor) => !cancelled.includes(actor));
    await eventually(async () => (await Promise.all(completed.map(statusOf))).every((status) => status === 'completed'), 10_000);
    for (const actor of tallies) await eventually(async () => (await recordsOf(actor)).length === 4, 10_000);
    const before = await Promise.all([...sagas, ...tallies].map(recordsOf));
    const late = attempts(lost);
    await team.millrace.broker.nc.flush();

    process.kill(paused, 'SIGCONT');
    await eventually(async () => (await actorsThat('refused', paused)).length === lost.length, 10_000);
    await eventually(() => late.count() >= lost.length, 10_000);
    await team.settled(2);
    late.stop();

    expect(await actorsThat('refused', paused)).toEqual(lost);
    expect(await actorsThat('applied', paused)).toEqual([]);
    expect(await actorsThat('applied', other)).toEqual(completed);
    for (const actor of sagas) expect([actor, await worldAt(actor)]).toEqual([actor, cancelled.includes(actor) ? 'taken back' : 'there']);
    expect(await Promise.all([...sagas, ...tallies].map(recordsOf))).toEqual(before);
    for (const records of before) expect(verify(records)).toEqual({ ok: true });
    for (const actor of tallies) expect((await recordsOf(actor)).slice(1).map(({ data }) => data.n)).toEqual([1, 2, 3]);
    expect(await team.millrace.dead.list()).toEqual([]);
  } finally {
    process.kill(paused, 'SIGCONT');
  }
  for (const actor of tallies) expect(await team.millrace.send(actor, 'add', { n: 4 })).toMatchObject({ accepted: true });
  expect(await team.serves(paused)).not.toEqual([]);
}, 60_000);
