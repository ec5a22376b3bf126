import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { JetStreamAccountStats } from '@nats-io/jetstream';
import { ownServer } from './own-server.ts';
import { fine, problem, warning, worst, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';
import { size } from './words.ts';

const full = 0.95;
const filling = 0.8;
const leastFree = 1e9;
const littleFree = 5e9;

interface Room { readonly what: string; readonly used: number; readonly limit: number; readonly advice: string }

/** What is left of the account's limits, the servers' limits, the streams' limits, and of the disk when it is ours. */
export async function checkSpace(patient: Patient): Promise<Outcome> {
  // Who cannot be asked is told by the check of `sync`.
  const [account, streams, servers] = await Promise.all([patient.account(), patient.streams(), patient.servers().catch(() => [])]);
  const rooms: Room[] = [
    ...accountRooms(account),
    ...servers.flatMap(({ name, jetstream }): Room[] => jetstream?.stored === undefined || jetstream.room === undefined ? []
      : [{ what: `the file storage of ${name}`, used: jetstream.stored, limit: jetstream.room, advice: 'Raise max_file_store in nats.conf, or give the server a larger disk.' }]),
    // The output stream is a ring: it is full by design.
    ...streams.filter(({ config }) => config.name !== patient.broker.names.streams.output).map(({ config, state }): Room => ({
      what: `the stream ${config.name}`, used: state.bytes, limit: config.max_bytes, advice: `Raise its limit with \`nats stream edit ${config.name} --max-bytes\`.`,
    })),
  ];
  const limited = rooms.filter(({ limit }) => limit > 0);
  const disk = await diskOutcome(patient);
  const tightest = limited.toSorted((a, b) => b.used / b.limit - a.used / a.limit)[0];
  const said = [tightest === undefined ? undefined : usage(tightest), disk?.level === 'ok' ? disk.detail : undefined].filter((text) => text !== undefined);
  return worst([...limited.map(judgeRoom), ...(disk === undefined ? [] : [disk])], said.length > 0 ? said.join(' ') : `No limit is set; ${size(account.storage)} are stored.`);
}

function accountRooms(account: JetStreamAccountStats): Room[] {
  const { tiers = {} } = account;
  // An account with limits per replica count has a tier for each, and no limits of its own.
  const parts = Object.entries(tiers).flatMap(([name, tier]) => (tier === undefined ? [] : [{ tier, of: ` (${name})` }]));
  const advice = 'Raise the JetStream limits of this account.';
  return (parts.length > 0 ? parts : [{ tier: account, of: '' }]).flatMap(({ tier: { memory, storage, limits }, of }) => [
    { what: `the account's file storage${of}`, used: storage, limit: limits.max_storage, advice },
    { what: `the account's memory${of}`, used: memory, limit: limits.max_memory, advice },
  ]);
}

const usage = ({ what, used, limit }: Room): string => `${Math.round((used / limit) * 100)} % of ${what} are used: ${size(used)} of ${size(limit)}.`;

function judgeRoom(room: Room): Outcome {
  const share = room.used / room.limit;
  if (share >= full) return problem(`${usage(room)} When it is full, nothing more is stored.`, room.advice);
  return share >= filling ? warning(usage(room), room.advice) : fine('');
}

/** The disk of a server that runs on our own data folder. */
async function diskOutcome({ broker, options: { dataDir } }: Patient): Promise<Outcome | undefined> {
  if (dataDir === undefined || ownServer(dataDir, broker.nc.info?.server_name ?? '') === undefined) return undefined;
  const { bavail, bsize } = await statfs(join(dataDir, 'nats'));
  return judgeDisk(bavail * bsize);
}

/** `free`: bytes. */
export function judgeDisk(free: number): Outcome {
  const detail = `${size(free)} are free on the disk of the data folder.`;
  const advice = 'Make room there, or move the data folder (MILLRACE_DATA) to a larger disk.';
  if (free < leastFree) return problem(detail, advice);
  return free < littleFree ? warning(detail, advice) : fine(detail);
}
