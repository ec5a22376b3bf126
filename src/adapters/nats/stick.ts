import type { StreamConfig } from '@nats-io/jetstream';
import type { Broker } from './broker.ts';
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
