import { setTimeout as pause } from 'node:timers/promises';
import { JetStreamApiCodes, type StreamConfig } from '@nats-io/jetstream';
import { TerminalError } from '../../kernel/errors.ts';
import type { Broker } from './broker.ts';
import { differences } from './differences.ts';
import { apiCode, isNoResponders, toMillraceError } from './errors.ts';
import { ADVISED_VERSION, isTooOld, MINIMUM_VERSION, parseVersion, versionWarning } from './server/version.ts';
import { makeStick } from './stick.ts';
import { wantedStreams } from './streams.ts';

export interface SetupOptions {
  /** Things that work but had better be otherwise: a server older than the tested one. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Check the broker and make the streams that are missing. Idempotent; never changes a stream that
 * exists. The settings are read back, since a server drops those it does not know without a word.
 * @throws TerminalError `server_too_old`, `no_jetstream`, `no_permission`, `stream_differs`;
 * RetryableError `broker_full`, `broker_gone`.
 */
export async function ensureStreams(broker: Broker, options: SetupOptions = {}): Promise<void> {
  try {
    const warning = checkVersion(broker.nc.info?.version ?? '');
    if (warning !== undefined) options.onWarning?.(warning);
    await requireJetStream(broker);
    for (const wanted of wantedStreams(broker)) {
      const found = await findOrMake(broker, wanted);
      const different = differences(wanted, found);
      if (different.length > 0) throw streamDiffers(wanted.name, different);
    }
  } catch (cause) {
    throw toMillraceError(cause, 'set up the streams');
  }
}

/** The warning for a server that is older than the tested one. @throws TerminalError `server_too_old`. */
export function checkVersion(found: string): string | undefined {
  const version = parseVersion(found);
  // A development build has no number; what it lacks shows when the streams are read back.
  if (version === undefined) return `The broker says its version is ${JSON.stringify(found)}; Millrace is tested with nats-server ${ADVISED_VERSION}.`;
  if (!isTooOld(version)) return versionWarning(version);
  throw new TerminalError('server_too_old',
    `The broker is nats-server ${version}; Millrace needs ${MINIMUM_VERSION} or newer, for atomic batches, message schedules and consumer resets.`,
    { hint: `Upgrade nats-server, best to ${ADVISED_VERSION} or newer, or let \`millrace server\` run one.` });
}

async function requireJetStream({ nc, jsm }: Broker): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await jsm.getAccountInfo();
      return;
    } catch (cause) {
      if (!isNoResponders(cause)) throw cause;
      if (nc.info?.jetstream !== true) {
        throw new TerminalError('no_jetstream', 'The broker runs without JetStream, so it cannot remember anything.',
          { hint: 'Start nats-server with JetStream (a `jetstream {}` block, or -js), or let `millrace server` run one.', cause });
      }
      // A server that is just starting takes connections before JetStream is there.
      if (tries >= 10) throw cause;
      await pause(200);
    }
  }
}

type Wanted = ReturnType<typeof wantedStreams>[number];

async function findOrMake(broker: Broker, wanted: Wanted): Promise<StreamConfig> {
  const { jsm } = broker;
  const info = async (): Promise<StreamConfig> => (await jsm.streams.info(wanted.name)).config;
  try {
    return await info();
  } catch (cause) {
    if (apiCode(cause) !== JetStreamApiCodes.StreamNotFound) throw cause;
  }
  const taken = 10058;
  await jsm.streams.add(wanted).catch((cause: unknown) => { if (apiCode(cause) !== taken) throw cause; });
  const made = await info();
  await makeStick(broker, wanted.name, made);
  return made;
}

function streamDiffers(name: string, different: ReturnType<typeof differences>): TerminalError {
  const list = different.map(({ field, found, wanted }) => `${field} is ${found}, wanted is ${wanted}`).join('; ');
  return new TerminalError('stream_differs', `The stream ${name} exists with other settings: ${list}.`,
    { hint: `Change the stream with \`nats stream edit ${name}\`, or change Millrace's own setting (partitions, storage) to match, or use another prefix.` });
}
