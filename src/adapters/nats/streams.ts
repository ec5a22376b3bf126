import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
import type { Broker } from './broker.ts';

type Wanted = Partial<StreamConfig> & { name: string; subjects: string[] };

const day = 24 * 3600 * 1e9;

/** Settings that would lose messages on the quiet, all off. */
const keepsAll = { max_age: 0, max_msgs: -1, max_msgs_per_subject: -1, sealed: false };

/** The four streams as Millrace wants them. Server 2.14 or newer. What is not named here is the operator's choice. */
export function wantedStreams(broker: Pick<Broker, 'names' | 'storage' | 'partitions'>): Wanted[] {
  const { names, partitions } = broker;
  const p = names.prefix;
  const storage = broker.storage === 'memory' ? StorageType.Memory : StorageType.File;
  return [
    { name: names.streams.events, subjects: [`${p}.evt.*.*`], storage, retention: RetentionPolicy.Limits, discard: DiscardPolicy.New,
      ...keepsAll, allow_rollup_hdrs: false, allow_msg_ttl: false, deny_delete: true, deny_purge: true, allow_atomic: true, allow_direct: true },
    { name: names.streams.commands, subjects: [`${p}.cmd.>`, `${p}.timer.>`, `${p}.held.*.*.*.*.*`], storage, retention: RetentionPolicy.Workqueue,
      ...keepsAll, max_bytes: -1,
      allow_msg_schedules: true, allow_atomic: true, allow_direct: true,
      subject_transform: { src: `${p}.cmd.*.*.*`, dest: `${p}.work.{{partition(${partitions},1,2)}}.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}` } },
    { name: names.streams.dead, subjects: [`${p}.dead.>`], storage, retention: RetentionPolicy.Limits, allow_direct: true },
    { name: names.streams.output, subjects: [`${p}.output.*.*`], storage, retention: RetentionPolicy.Limits, allow_direct: true,
      discard: DiscardPolicy.Old, max_age: 7 * day, max_msgs_per_subject: 100_000, max_bytes: 512 * 1024 * 1024 },
  ] as Wanted[];
}
