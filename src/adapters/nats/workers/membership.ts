import type { Broker } from '../broker.ts';
import { onReconnect } from '../reconnect.ts';
import type { Sign, WorkersBucket } from './bucket.ts';
import type { WorkerEntry } from './entry.ts';
import { roster } from './roster.ts';

export interface Membership {
  /** Others count on us: our last sign of life is younger than the lease. False after a pause; then nothing may be taken on. */
  isCurrent(): boolean;
  /** Goes up each time we come back after others may have taken us for dead. */
  epoch(): number;
  /** Tell the others what we do now, without waiting for the next sign of life. */
  announce(): void;
  /** Go: the others know at once. */
  leave(): Promise<void>;
}

export interface MembershipOptions {
  readonly leaseMs: number;
  /** Our entry as it is now. */
  readonly self: () => WorkerEntry;
  /** The workers there are, ourselves among them, and those found dead since the last call. Called while current, at every sign of ours and every change. */
  readonly onWorkers: (workers: readonly WorkerEntry[], died: ReadonlySet<string>) => void;
  /** The broker could not be told that we live; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** How many signs of life fit into a lease: three may be lost. */
const beatsPerLease = 4;

/**
 * Take part. Resolves when the others can know and `onWorkers` was called. Deaths are judged only when one of
 * our own signs comes round: everybody's earlier ones have then passed as well, so a slow connection or a busy
 * process never takes others for dead. A process that was paused longer than its lease is out until it has
 * announced itself and read the bucket anew.
 */
export async function join(broker: Broker, bucket: WorkersBucket, options: MembershipOptions): Promise<Membership> {
  const { leaseMs, self, onWorkers, onTrouble } = options;
  const { id } = self();
  const known = roster();
  const now = (): number => performance.now();
  let phase: 'away' | 'here' | 'gone' = 'away';
  /** When the last of our signs that came round was sent. */
  let confirmed = -Infinity;
  let entering: Promise<void> | undefined;
  let again = false;
  let epoch = 0;

  const isCurrent = (): boolean => phase === 'here' && now() - confirmed < leaseMs;
  const tell = (died: ReadonlySet<string> = new Set()): void => onWorkers(known.entries(), died);

  function onSign({ id: from, entry, mark }: Sign): void {
    if (phase === 'gone') return;
    if (from !== id) {
      const changed = entry === undefined ? known.left(from) : known.heard(entry, now());
      if (changed && isCurrent()) tell();
      return;
    }
    // Paused for longer than the lease: what came meanwhile says nothing about who is alive.
    if (entry === undefined || !isCurrent()) return;
    confirmed = Math.max(confirmed, Number(mark));
    known.heard(entry, now());
    tell(new Set(known.lapse(now())));
  }

  async function enter(): Promise<void> {
    phase = 'away';
    epoch++;
    await bucket.ensure();
    const sent = now();
    const entry = self();
    await bucket.put(entry, String(sent));
    const stored = await bucket.list();
    if (isGone()) return;
    const newest = Math.max(0, ...stored.map(({ at }) => at));
    const others = stored.filter(({ entry: other }) => other.id !== id);
    known.replace([...others.map(({ entry: other, at }) => ({ entry: other, heardAt: now() - (newest - at) })), { entry, heardAt: now() }]);
    phase = 'here';
    confirmed = sent;
    tell();
  }
  // Read through a function: it changes while we wait.
  const isGone = (): boolean => phase === 'gone';

  /** Our own subscription hears what no stream has stored: only the time-out tells that the bucket is gone. */
  async function sign(): Promise<void> {
    await bucket.put(self(), String(now())).catch(async () => {
      await bucket.ensure();
      await bucket.put(self(), String(now()));
    });
  }

  /** One at a time; asked for meanwhile, once more after it. */
  function beat(): Promise<void> {
    if (entering !== undefined) {
      again = true;
      return entering;
    }
    entering = (isCurrent() ? sign() : enter()).finally(() => {
      entering = undefined;
      if (again && phase !== 'gone') void beat().catch(onTrouble);
      again = false;
    });
    return entering;
  }

  const listening = bucket.listen(onSign);
  const ticking = setInterval(() => { if (!broker.nc.isClosed()) void beat().catch(onTrouble); }, Math.floor(leaseMs / beatsPerLease));
  const end = (): void => {
    phase = 'gone';
    clearInterval(ticking);
    listening.unsubscribe();
    stopWatching();
  };
  const stopWatching = onReconnect(broker.nc, () => {
    known.renewAll(now());
    bucket.ensure().catch(onTrouble);
    void beat().catch(onTrouble);
  });
  try {
    await beat();
  } catch (error) {
    end();
    throw error;
  }
  return {
    isCurrent,
    epoch: () => epoch,
    announce: () => { if (isCurrent()) void beat().catch(onTrouble); },
    async leave() {
      if (phase === 'gone') return;
      end();
      // A sign that is on its way would bring us back to life.
      await entering?.catch(() => undefined);
      if (!broker.nc.isClosed()) await bucket.remove(id).catch(() => undefined);
    },
  };
}
