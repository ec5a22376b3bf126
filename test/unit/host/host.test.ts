import { expect, test } from 'vitest';
import { makeWorld } from '../../support/world.ts';
import { handwork, parcel } from './machines.ts';

async function started(weight = 3) {
  const work = handwork();
  const world = makeWorld([parcel(work.code)]);
  const running = await world.host();
  const id = await world.send('parcel/p1', 'create', { weight });
  await world.clock.advance(10);
  return { work, world, id, ...running };
}

test('given a new actor, when it is created, then the record is stored before the activity starts, and the verdict tells its number', async () => {
  const { work, world, id } = await started();
  expect(world.types('parcel/p1')).toEqual(['actor.created']);
  expect(world.answer(id)).toEqual({ accepted: true, seq: 1 });
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0']);
});

test('given work in flight, when nothing else is said, then exactly one delivery stays unacknowledged until the work is done', async () => {
  const { work, world } = await started();
  await world.clock.advance(60_000);
  expect(world.queue.stored()).toHaveLength(1);
  expect(work.runs).toHaveLength(1);
  work.runs[0]?.finish('crate');
  await world.clock.advance(10);
  expect(world.queue.stored()).toHaveLength(0);
  expect(world.queue.schedules()).toHaveLength(1);
  expect(await world.board.get('parcel/p1')).toMatchObject({ status: 'waiting', value: 'resting', seq: 2 });
});

test('given a timer, when it is due, then it fires once though both the local timer and the scheduled message come', async () => {
  const { work, world } = await started();
  work.runs[0]?.finish('crate');
  await world.clock.advance(61_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed', 'timer.fired']);
  work.runs[1]?.finish('away');
  await world.clock.advance(1_000);
  expect(world.status('parcel/p1')).toBe('completed');
  expect(world.queue.stored()).toHaveLength(0);
  expect(await world.dead.list()).toEqual([]);
});

test('given the same command id twice, when both are delivered, then one record and the same answer twice', async () => {
  const { world } = await started();
  await world.clock.advance(200_000);
  await world.send('parcel/p1', 'create', { weight: 3 }, 'c1');
  await world.clock.advance(10);
  expect(world.types('parcel/p1')).toEqual(['actor.created']);
  expect(world.queue.replies.map((reply) => reply.body)).toEqual([{ accepted: true, seq: 1 }, { accepted: true, seq: 1 }]);
});

test('given a command id that was taken, when another command comes under it, then it is refused and changes nothing', async () => {
  const { world } = await started();
  await world.clock.advance(200_000);
  await world.send('parcel/p1', 'stop', {}, 'c1');
  await world.clock.advance(10);
  expect(world.queue.replies.at(-1)?.body).toMatchObject({ accepted: false, code: 'id_taken' });
  expect(world.types('parcel/p1')).toEqual(['actor.created']);
});

test('given an actor, when it is created again with the same input or another, then the same is the same and another is refused', async () => {
  const { world } = await started();
  const same = await world.send('parcel/p1', 'create', { weight: 3 });
  const other = await world.send('parcel/p1', 'create', { weight: 4 });
  await world.clock.advance(10);
  expect(world.answer(same)).toEqual({ accepted: true, seq: 1, existing: true, status: 'running' });
  expect(world.answer(other)).toMatchObject({ accepted: false, code: 'already_exists' });
});

test('given work in flight, when the host dies and another comes, then the activity runs again under the same key and the work goes on', async () => {
  const { work, world, crash } = await started();
  crash();
  await world.host();
  await world.clock.advance(10_000);
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0', 'parcel/p1#1:0']);
  work.runs[1]?.finish('crate');
  await world.clock.advance(10);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed']);
});

test('given a host that dies while a timer is pending, when it is due, then the next host fires it', async () => {
  const { work, world, crash } = await started();
  work.runs[0]?.finish('crate');
  await world.clock.advance(10);
  crash();
  await world.host();
  await world.clock.advance(65_000);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed', 'timer.fired']);
  expect(work.runs.at(-1)?.name).toBe('ship');
});

test('given a chart that leaves an invoking state, when the old activity ends after all, then its result changes nothing', async () => {
  const { work, world } = await started();
  await world.send('parcel/p1', 'stop');
  await world.clock.advance(10);
  expect(work.runs[0]?.scope.signal.aborted).toBe(true);
  await world.send('parcel/p1', 'start');
  await world.clock.advance(10);
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0', 'parcel/p1#3:0']);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'stop', 'start']);
  expect(world.queue.stored()).toHaveLength(1);
});

test('given a command the chart cannot take, when somebody waits, then they hear the state and what would be taken; when nobody does, then it is a dead letter', async () => {
  const { world } = await started();
  const id = await world.send('parcel/p1', 'start');
  await world.queue.publish('millrace.cmd.parcel.p1.start', '{}');
  await world.clock.advance(10);
  expect(world.answer(id)).toMatchObject({ accepted: false, code: 'command_refused', value: 'loading', allowed: ['label', 'stop'] });
  expect(await world.dead.list()).toMatchObject([{ code: 'command_refused', subject: 'millrace.cmd.parcel.p1.start' }]);
  expect(world.types('parcel/p1')).toEqual(['actor.created']);
});

test.each([
  ['a body that is not JSON', 'millrace.cmd.parcel.p1.stop', 'not json', 'bad_json'],
  ['bytes that are not UTF-8', 'millrace.cmd.parcel.p1.stop', new Uint8Array([0xff, 0xfe]), 'bad_json'],
  ['a body that is no object', 'millrace.cmd.parcel.p1.stop', '[1]', 'bad_body'],
  ['a body the schema does not want', 'millrace.cmd.parcel.p1.label', '{"text":3}', 'bad_body'],
  ['a body with an unknown field', 'millrace.cmd.parcel.p1.label', '{"text":"a","more":1}', 'bad_body'],
  ['an input the schema does not want', 'millrace.cmd.parcel.p2.create', '{"weight":-1}', 'bad_body'],
  ['a command for nobody', 'millrace.cmd.parcel.p9.stop', '{}', 'no_such_actor'],
  ['a subject with too many words', 'millrace.cmd.parcel.p1.stop.now', '{}', 'bad_subject'],
  ['a subject with too few words', 'millrace.cmd.parcel.stop', '{}', 'bad_subject'],
  ['an id with odd characters', 'millrace.cmd.parcel.p$1.stop', '{}', 'bad_subject'],
  ['an internal command nobody may send', 'millrace.cmd.parcel.p1._shutdown', '{}', 'bad_command_name'],
  ['a forged timer', 'millrace.cmd.parcel.p1._timer', '"x"', 'bad_body'],
  ['a creation without input', 'millrace.cmd.parcel.p3._create', '{}', 'bad_body'],
])('given %s, when it is published, then it is a dead letter that says why, and nothing else is disturbed', async (_what, subject, body, code) => {
  const { world, work } = await started();
  await world.queue.publish(subject, body, { 'Nats-Msg-Id': 'bad-1' });
  await world.clock.advance(10);
  const letters = await world.dead.list();
  expect(letters).toMatchObject([{ commandId: 'bad-1', code, subject }]);
  expect(letters[0]?.reason).not.toBe('');
  expect(world.queue.stored()).toHaveLength(1);
  work.runs[0]?.finish('crate');
  await world.clock.advance(10);
  expect(world.types('parcel/p1')).toEqual(['actor.created', 'activity.completed']);
});

test('given two wishes under one id, when neither can be handled, then each is a dead letter of its own', async () => {
  const { world } = await started();
  for (const subject of ['millrace.cmd.parcel.p1.start', 'millrace.cmd.parcel.p9.stop']) {
    await world.queue.publish(subject, '{}', { 'Millrace-Command-Id': 'same' });
  }
  await world.clock.advance(10);
  expect((await world.dead.list()).map(({ id }) => id).toSorted()).toEqual(['parcel/p1/start#same', 'parcel/p9/stop#same']);
});

test('given an output that is not JSON, when the activity ends, then that is its failure, and the chart says what then', async () => {
  const { work, world } = await started();
  work.runs[0]?.finish({ at: new Date(0) });
  await world.clock.advance(10);
  expect(world.records('parcel/p1')[1]).toMatchObject({ type: 'activity.failed', data: { error: { code: 'output_not_json', retryable: false } } });
  expect(world.status('parcel/p1')).toBe('failed');
});

test('given an output larger than the broker takes, when the activity ends, then its failure says the figures', async () => {
  const work = handwork();
  const world = makeWorld([parcel(work.code)], { maxPayload: 10_000 });
  await world.host();
  await world.send('parcel/p1', 'create', { weight: 1 });
  await world.clock.advance(10);
  work.runs[0]?.finish('x'.repeat(20_000));
  await world.clock.advance(10);
  expect(world.records('parcel/p1')[1]).toMatchObject({ type: 'activity.failed', data: { error: { code: 'payload_too_large' } } });
});

test('given a graceful stop, when work runs, then it is aborted without being recorded as failed, and the next host runs it at once', async () => {
  const { work, world, host } = await started();
  const stopping = host.stop();
  await world.clock.advance(100);
  await stopping;
  expect(work.runs[0]?.scope.signal.aborted).toBe(true);
  expect(world.types('parcel/p1')).toEqual(['actor.created']);
  await world.host();
  await world.clock.advance(500);
  expect(work.runs.map((run) => run.scope.key)).toEqual(['parcel/p1#1:0', 'parcel/p1#1:0']);
});

test('given an actor that has ended and has no parent, when it is cancelled by somebody who does not say who he is, then he is refused like anybody', async () => {
  const { world, work } = await started();
  work.runs[0]?.fail(new Error('broken'));
  await world.clock.advance(10);
  expect(world.ended('parcel/p1')).toBe(true);
  await world.queue.publish('millrace.cmd.parcel.p1.cancel', '{}', { 'Nats-Msg-Id': 'late', 'Millrace-Reply': 'reply.late' });
  await world.clock.advance(10);
  expect(world.answer('late')).toMatchObject({ accepted: false, code: 'actor_ended' });
});
