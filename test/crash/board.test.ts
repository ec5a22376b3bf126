import { afterEach, expect, test } from 'vitest';
import { natsBoard } from '../../src/adapters/nats/board.ts';
import { openBroker } from '../../src/adapters/nats/broker.ts';
import { startNats, type TestNats } from '../support/nats.ts';

let nats: TestNats | undefined;
afterEach(async () => { await nats?.stop(); });

/** Moments around the making of the bucket, in which nats-server 2.15.1 can forget it again. */
test.each([20, 60, 100, 160, 240, 340])('given lines that are being written, when nats-server is killed %i ms after the first, then the board has every line', async (ms) => {
  nats = await startNats();
  const broker = await openBroker({ servers: nats.url });
  const board = natsBoard(broker);
  // As the host does: what could not be written is written again.
  const put = async (id: number): Promise<void> => {
    try {
      await board.put({ actor: `job/j${id}`, status: 'completed', value: 'done', seq: 5, at: 1 });
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, 50); });
      await put(id);
    }
  };
  const written = Promise.all(Array.from({ length: 30 }, async (_, id) => {
    await new Promise((resolve) => { setTimeout(resolve, id * 12); });
    await put(id);
  }));
  await new Promise((resolve) => { setTimeout(resolve, ms); });
  await nats.restart();
  await written;
  expect(await board.list()).toHaveLength(30);
  await broker.close();
});
