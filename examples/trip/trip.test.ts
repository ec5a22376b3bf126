import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { connect, type Definition, type Millrace, type Worker } from '../../src/index.ts';
import { tripDefinition } from './trip.ts';

let nats: TestNats;
let millrace: Millrace;
let worker: Worker;
let trip: Definition;
let folder: string;

beforeAll(async () => {
  nats = await startNats();
  folder = await mkdtemp(join(tmpdir(), 'millrace-trip-'));
  trip = tripDefinition(folder);
  millrace = await connect({ servers: nats.url });
  worker = await millrace.worker({ machines: [trip] });
});

afterAll(async () => {
  await worker.stop();
  await millrace.close();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

const booked = async (id: string): Promise<string[]> => (await readdir(folder)).filter((name) => name.startsWith(`trip.${id}.`)).sort();
const ended = ['completed', 'failed', 'cancelled'];

test('given a trip for which all can be had, when it is booked, then three bookings stand', async () => {
  await millrace.send('trip/t1', 'create', { traveller: 'Ada', city: 'Oslo' });
  const view = await millrace.until(trip, 'trip/t1', ({ status }) => ended.includes(status));
  expect(view.status).toBe('completed');
  expect(await booked('t1')).toEqual(['trip.t1.book-car.txt', 'trip.t1.book-flight.txt', 'trip.t1.book-hotel.txt']);
});

test('given a trip without a car, when the car cannot be had, then flight and hotel are given back and it says why', async () => {
  await millrace.send('trip/t2', 'create', { traveller: 'Bob', city: 'no-car' });
  const view = await millrace.until(trip, 'trip/t2', ({ status }) => ended.includes(status));
  expect(view).toMatchObject({ status: 'failed', context: { error: { code: 'sold_out' } } });
  expect(await booked('t2')).toEqual([]);
});
