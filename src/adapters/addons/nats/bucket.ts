import { StorageType, type StreamConfig } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { Objm } from '@nats-io/obj';
import { requireToken } from '../../../kernel/names.ts';
import type { AddonKind, AddonSpec } from '../../../machines/build/ports.ts';
import type { Broker } from '../../nats/broker.ts';
import { apiCode } from '../../nats/errors.ts';
import { patiently } from '../../nats/patiently.ts';

/** One addon on the broker. */
export interface Place {
  readonly bucket: string;
  readonly stream: string;
  readonly kind: AddonKind;
}

/** What a bucket's stream remembers of itself, in its metadata. */
export const marks = { app: 'millrace-app', name: 'millrace-addon', owner: 'millrace-owner', shared: 'millrace-shared' } as const;

/** `<prefix>_addon_<app>_<name>`. @throws TerminalError `bad_addon_name`. */
export function placeOf(broker: Broker, app: string, { name, kind }: AddonSpec): Place {
  requireToken(app, 'bad_addon_name', 'the app');
  requireToken(name, 'bad_addon_name', 'the addon');
  const bucket = `${broker.names.prefix.replaceAll('.', '_')}_addon_${app}_${name}`;
  return { bucket, kind, stream: `${kind === 'kv' ? 'KV' : 'OBJ'}_${bucket}` };
}

const noStream = 10059;
const otherSettings = 10058;

export async function configOf({ nc, jsm }: Broker, { stream }: Place): Promise<StreamConfig | undefined> {
  try {
    return (await patiently(nc, `look at ${stream}`, () => jsm.streams.info(stream))).config;
  } catch (cause) {
    if (apiCode(cause) === noStream) return undefined;
    throw cause;
  }
}

/** Make the bucket, unless somebody is faster. */
export async function makeBucket(broker: Broker, { bucket, kind }: Place, description: string, metadata: Record<string, string>): Promise<void> {
  const storage = broker.storage === 'memory' ? StorageType.Memory : StorageType.File;
  try {
    await patiently(broker.nc, `make ${bucket}`, async () => {
      if (kind === 'kv') await new Kvm(broker.js).create(bucket, { storage, description, metadata });
      else await new Objm(broker.js).create(bucket, { storage, description, metadata });
    });
  } catch (cause) {
    if (apiCode(cause) !== otherSettings) throw cause;
  }
}

/** Harmless when it is gone. */
export async function removeBucket({ nc, jsm }: Broker, { stream }: Place): Promise<void> {
  await patiently(nc, `remove ${stream}`, () => jsm.streams.delete(stream)).catch((cause: unknown) => { if (apiCode(cause) !== noStream) throw cause; });
}

/** Write into the metadata that another build has been given the addon. */
export async function markShared({ nc, jsm }: Broker, { stream }: Place, config: StreamConfig): Promise<void> {
  await patiently(nc, `mark ${stream}`, () => jsm.streams.update(stream, { ...config, metadata: { ...config.metadata, [marks.shared]: 'true' } }));
}
