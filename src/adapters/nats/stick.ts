import type { StreamConfig } from '@nats-io/jetstream';
import type { Broker } from './broker.ts';
import { apiCode } from './errors.ts';
import { patiently } from './patiently.ts';

/**
 * Makes sure that a stream made just now is still there after the next start of the server. A server that
 * is killed while it makes a stream can leave the settings without their checksum; made again, the stream
 * works, the checksum is still not written, and the next start skips the stream (seen with 2.15.1). An
 * update writes both files anew, even one that changes nothing.
 */
export async function makeStick({ nc, jsm }: Broker, stream: string, config: StreamConfig): Promise<void> {
  await patiently(nc, `write down the settings of ${stream}`, () => jsm.streams.update(stream, config));
}

const noStream = 10059;

/** Runs `make`, which makes the stream when it is missing, and sees to it that a new one stays. */
export async function lasting<T>(broker: Broker, stream: string, make: () => Promise<T>): Promise<T> {
  const look = () => broker.jsm.streams.info(stream);
  const isMissing = await look().then(() => false, (cause: unknown) => {
    if (apiCode(cause) === noStream) return true;
    throw cause;
  });
  const made = await make();
  if (isMissing) await makeStick(broker, stream, (await look()).config);
  return made;
}
