import { headers, type Subscription } from '@nats-io/transport-node';
import { Kvm } from '@nats-io/kv';
import { StorageType } from '@nats-io/jetstream';
import type { Broker } from '../broker.ts';
import { RetryableError } from '../../../kernel/errors.ts';
import { apiCode, toMillraceError } from '../errors.ts';
import { persistently } from '../publish.ts';
import { decodeEntry, type WorkerEntry } from './entry.ts';

/** What a worker says and hears: `entry` is absent when the worker goes. */
export interface Sign {
  readonly id: string;
  readonly entry: WorkerEntry | undefined;
  /** The sender's own mark: how it recognises its own sign when it comes round. */
  readonly mark: string;
}

export interface StoredEntry {
  readonly entry: WorkerEntry;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly at: number;
}

export interface WorkersBucket {
  /** Make the bucket when it is missing: it is in memory, and a restarted server has lost it. */
  ensure(): Promise<void>;
  /** Stored when it resolves. */
  put(entry: WorkerEntry, mark: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** None when there is no bucket: no worker was ever here, or none since the server started. */
  list(): Promise<readonly StoredEntry[]>;
  /** Every sign of every worker as it passes, one's own among them. */
  listen(onSign: (sign: Sign) => void): Subscription;
}

const markHeader = 'Millrace-Mark';
const streamNotFound = 10059;

/**
 * The KV bucket `<prefix>_workers`, a key a worker. Listening is a plain subscription to the bucket's
 * subjects: it needs no consumer, and outlives the bucket and the server. `attemptMs`: how long one request may take.
 */
export function workersBucket(broker: Broker, keepMs: number, attemptMs = 1_000): WorkersBucket {
  const { js, jsm, names, nc } = broker;
  const bucket = names.buckets.workers;
  const subject = (id: string): string => `$KV.${bucket}.${id}`;

  const exists = (): Promise<boolean> => jsm.streams.info(`KV_${bucket}`).then(() => true, (cause: unknown) => {
    if (apiCode(cause) === streamNotFound) return false;
    throw cause;
  });

  /** As many replicas as the commands have: one is not to be lost without the other. */
  async function make(): Promise<void> {
    const { config } = await jsm.streams.info(names.streams.commands);
    await new Kvm(js).create(bucket, { description: 'Live workers', history: 1, storage: StorageType.Memory, ttl: keepMs, replicas: config.num_replicas })
      // Made by another worker in the same moment, whose lease may be another.
      .catch(async (cause: unknown) => { if (!await exists()) throw cause; });
  }

  async function store(id: string, body: string, given: Readonly<Record<string, string>>): Promise<void> {
    const made = headers();
    for (const [name, value] of Object.entries(given)) made.set(name, value);
    await js.publish(subject(id), body, { headers: made, timeout: attemptMs });
  }

  async function read(): Promise<readonly StoredEntry[]> {
    const info = await jsm.streams.info(`KV_${bucket}`, { subjects_filter: subject('*') }).catch((cause: unknown) => {
      if (apiCode(cause) === streamNotFound) return undefined;
      throw cause;
    });
    const subjects = Object.keys(info?.state.subjects ?? {});
    const stored = await Promise.all(subjects.map((one) => jsm.streams.getMessage(`KV_${bucket}`, { last_by_subj: one })));
    return stored.flatMap((message) => {
      const entry = message === null ? undefined : decodeEntry(message.data);
      return message === null || entry === undefined || message.subject !== subject(entry.id) ? [] : [{ entry, at: message.time.getTime() }];
    });
  }

  return {
    async ensure() {
      try {
        await within(2 * attemptMs, exists().then((there) => (there ? undefined : make())));
      } catch (cause) {
        throw toMillraceError(cause, `make the bucket ${bucket}`);
      }
    },
    async put(entry, mark) {
      try {
        await store(entry.id, JSON.stringify(entry), { [markHeader]: mark });
      } catch (cause) {
        throw toMillraceError(cause, `write to the bucket ${bucket}`);
      }
    },
    async remove(id) {
      await store(id, '', { 'KV-Operation': 'DEL' });
    },
    list: () => persistently(nc, 5 * attemptMs, () => within(attemptMs, read()), (cause) => toMillraceError(cause, `read the bucket ${bucket}`)),
    listen: (onSign) => nc.subscribe(subject('*'), { callback: (error, message) => {
      if (error !== null && error !== undefined) return;
      const id = message.subject.slice(subject('').length);
      const entry = decodeEntry(message.data);
      if (entry?.id === id) onSign({ id, entry, mark: message.headers?.get(markHeader) ?? '' });
      else if (message.headers?.get('KV-Operation') === 'DEL') onSign({ id, entry: undefined, mark: '' });
    } }),
  };
}

/** A server that is just making a stream may leave a question about it unanswered; asked again it answers. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new RetryableError('broker_gone', `The broker did not answer within ${ms} ms.`)), ms); });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
