import { setImmediate as turn } from 'node:timers/promises';
import { errors, headers, type NatsConnection } from '@nats-io/transport-node';
import { fine, problem, type Outcome } from './finding.ts';
import { find, type Patient } from './patient.ts';
import { neededRights, type Right } from './rights.ts';

/** Whether this user may do everything a worker does. Every right is tried in a way that must be refused. */
export async function checkPermissions({ broker }: Patient): Promise<Outcome> {
  const { streams, buckets } = broker.names;
  const names = [...Object.values(streams), ...[buckets.board, buckets.entities, buckets.workers].map((bucket) => `KV_${bucket}`), `OBJ_${buckets.blobs}`];
  // Who may not look is told so; that nothing is there is another matter.
  const there = await Promise.all(names.map((name) => find(broker, name).catch(() => name)));
  const rights = neededRights(broker, names.filter((_, index) => there[index] === undefined));
  const lacking = await tryAll(broker.nc, rights);
  if (lacking.length === 0) return fine(`This user may do all a worker needs (${rights.length} rights tried).`);
  const allow = (['publish', 'subscribe'] as const).flatMap((verb) => {
    const subjects = lacking.filter((right) => right.verb === verb).map((right) => `"${right.allow}"`);
    return subjects.length === 0 ? [] : [`${verb} to ${subjects.join(', ')}`];
  });
  return problem(`This user may not ${listed(lacking.map(({ what }) => what))}.`, `Allow it to ${allow.join(', and to ')}.`);
}

/** The rights that this user lacks. Nothing is stored: each message is one that the server refuses or nobody takes. */
async function tryAll(nc: NatsConnection, rights: readonly Right[]): Promise<readonly Right[]> {
  const lacking = new Set<Right>();
  const tries = rights.map((right) => {
    const tell = (cause: unknown): void => { if (isForbidden(cause)) lacking.add(right); };
    return right.verb === 'publish' ? tryToPublish(nc, right, tell) : tryToSubscribe(nc, right, tell);
  });
  // A server says no at once, and answers in order: what it has not forbidden by now is allowed.
  await nc.flush();
  await turn();
  for (const end of tries) end();
  return rights.filter((right) => lacking.has(right));
}

function tryToPublish(nc: NatsConnection, { subject, body }: Right, tell: (cause: unknown) => void): () => void {
  const made = headers();
  // No stream has this name, so none stores the message.
  made.set('Nats-Expected-Stream', '_doctor');
  nc.request(subject, body === undefined ? '' : JSON.stringify(body), { timeout: 1_000, headers: made }).catch(tell);
  return () => undefined;
}

function tryToSubscribe(nc: NatsConnection, { subject }: Right, tell: (cause: unknown) => void): () => void {
  const subscription = nc.subscribe(subject, { callback: tell });
  return () => { subscription.unsubscribe(); };
}

function isForbidden(cause: unknown): boolean {
  if (cause instanceof errors.PermissionViolationError) return true;
  return cause instanceof Error && cause.cause !== undefined && isForbidden(cause.cause);
}

const listed = (parts: readonly string[]): string => (parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1) ?? ''}`);
