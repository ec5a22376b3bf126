import type { StreamInfo } from '@nats-io/jetstream';
import { fine, problem, warning, worst, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';

/** Whether the loss of a server loses a stream. Not said when there is no stream yet. */
export async function checkReplicas({ broker, streams }: Patient): Promise<Outcome | undefined> {
  const found = await streams();
  return found.length === 0 ? undefined : judgeReplicas(found, broker.nc.info?.cluster !== undefined);
}

export function judgeReplicas(streams: readonly Pick<StreamInfo, 'config' | 'cluster'>[], clustered: boolean): Outcome {
  const allFine = clustered ? 'Every stream has enough replicas, all of them current.' : 'One server, one replica of every stream.';
  return worst(streams.flatMap(({ config, cluster }) => [judgeCount(config.name, config.num_replicas, clustered), judgePeers(config.name, cluster)]), allFine);
}

function judgeCount(name: string, replicas: number, clustered: boolean): Outcome {
  const edit = `\`nats stream edit ${name} --replicas 3\``;
  if (replicas % 2 === 0) return problem(`${name} has ${replicas} replicas: when half of them are gone it stops.`, `Use 3, or 5: ${edit}.`);
  if (replicas === 1 && clustered) return warning(`${name} has one replica in a cluster: with its server it is gone.`, `Use 3, before there is anything in it: ${edit}.`);
  return fine('');
}

function judgePeers(name: string, cluster: StreamInfo['cluster']): Outcome {
  if (cluster?.name !== undefined && (cluster.leader ?? '') === '') return problem(`${name} has no leader: nothing can be stored.`, 'Bring back enough servers of the cluster.');
  const peers = cluster?.replicas ?? [];
  const offline = peers.filter((peer) => peer.offline === true).map((peer) => peer.name);
  const behind = peers.filter((peer) => peer.offline !== true && !peer.current).map((peer) => peer.name);
  if (offline.length > 0) return problem(`${name} lacks its replica on ${offline.join(', ')}: offline.`, 'Bring the server back, or replace it.');
  if (behind.length > 0) return warning(`The replica of ${name} on ${behind.join(', ')} is behind.`, 'Wait until it has caught up before another server is stopped.');
  return fine('');
}
