import { fine, problem, unknown, warning, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';
import type { ServerFacts } from './facts.ts';
import { span } from './words.ts';

const how = 'Give --monitor with the http address of each server, or --system-context with a nats context of the system account.';

/** Whether an acknowledged write is on disk: `sync_interval: always`, on every server that holds a stream. */
export async function checkSync({ broker, streams, servers }: Patient): Promise<Outcome> {
  const facts = await servers();
  const holders = new Set((await streams().catch(() => [])).flatMap(({ cluster }) => [cluster?.leader, ...(cluster?.replicas ?? []).map(({ name }) => name)])
    .filter((name) => name !== undefined && name !== ''));
  // Nothing is set up yet, or only replicas say who holds what: at least the server we speak to.
  if (holders.size === 0) holders.add(broker.nc.info?.server_name);
  return judgeSync(facts, [...holders].filter((name) => name !== undefined));
}

/** `holders`: names of the servers whose setting matters. */
export function judgeSync(facts: readonly ServerFacts[], holders: readonly string[]): Outcome {
  const lazy = facts.filter(({ jetstream }) => jetstream?.syncAlways === false);
  if (lazy.length > 0) {
    const [first] = lazy;
    const every = first?.jetstream?.syncMs === undefined ? 'now and then' : `every ${span(first.jetstream.syncMs)}`;
    const detail = `${lazy.map(({ name }) => name).join(', ')}: writes reach the disk ${every}, so a power failure loses acknowledged records.`;
    const advice = 'Set `sync_interval: always` in the `jetstream` block of nats.conf and restart the server, as the nats.conf of Millrace does.';
    return lazy.some(({ name }) => holders.includes(name)) ? problem(detail, advice) : warning(`${detail} No stream of Millrace is there now.`, advice);
  }
  const known = new Set(facts.filter(({ jetstream }) => jetstream !== undefined).map(({ name }) => name));
  const silent = holders.filter((name) => !known.has(name));
  if (silent.length === 0) return fine('sync_interval is always: what is acknowledged is on disk.');
  return unknown(`unknown for ${silent.join(', ')}: nobody told whether sync_interval is always; a server tells its operators only.`, how);
}
