import type { StreamInfo } from '@nats-io/jetstream';
import { problem, warning, worst, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';

type Replicated = Pick<StreamInfo, 'config' | 'cluster'>;

/** Whether the loss of a server loses a stream. Not said when there is no stream yet. */
export async function checkReplicas({ broker, streams }: Patient): Promise<Outcome | undefined> {
  const found = await streams();
  return found.length === 0 ? undefined : judgeReplicas(found, broker.nc.info?.cluster !== undefined);
}

export function judgeReplicas(streams: readonly Replicated[], clustered: boolean): Outcome {
  const allFine = clustered ? 'Every stream has enough replicas, all of them current.' : 'One server, one replica of every stream.';
  const edit = '`nats stream edit <stream> --replicas 3`';
  return worst([
    ...about(streams, ({ config }) => config.num_replicas % 2 === 0, (names) =>
      problem(`An even number of replicas: ${names}. When half of them are gone the stream stops.`, `Use 3, or 5: ${edit}.`)),
    ...about(streams, ({ config }) => config.num_replicas === 1 && clustered, (names) =>
      warning(`One replica in a cluster: ${names}. With its server it is gone.`, `Use 3, best before there is anything in it: ${edit}.`)),
    ...about(streams, ({ cluster }) => cluster?.name !== undefined && (cluster.leader ?? '') === '', (names) =>
      problem(`No leader: ${names}. Nothing can be stored.`, 'Bring back enough servers of the cluster.')),
    ...about(streams, ({ cluster }) => peers(cluster).some(({ offline }) => offline === true), (names) =>
      problem(`A replica is offline: ${names}.`, 'Bring the server back, or replace it.'), ({ offline }) => offline === true),
    ...about(streams, ({ cluster }) => peers(cluster).some(isBehind), (names) =>
      warning(`A replica is behind, or gone a moment ago: ${names}.`, 'Wait until it has caught up before another server is stopped.'), isBehind),
  ], allFine);
}

type Peer = NonNullable<NonNullable<StreamInfo['cluster']>['replicas']>[number];

const peers = (cluster: StreamInfo['cluster']): readonly Peer[] => cluster?.replicas ?? [];
const isBehind = ({ offline, current }: Peer): boolean => offline !== true && !current;

/** One outcome for all streams that `which` holds for, with the servers of the replicas that `at` holds for. */
function about(streams: readonly Replicated[], which: (stream: Replicated) => boolean, tell: (names: string) => Outcome, at?: (peer: Peer) => boolean): readonly Outcome[] {
  const named = streams.filter(which).map(({ config, cluster }) => {
    const where = at === undefined ? [] : peers(cluster).filter(at).map(({ name }) => name);
    return where.length === 0 ? config.name : `${config.name} on ${where.join(', ')}`;
  });
  return named.length === 0 ? [] : [tell(named.join(', '))];
}
