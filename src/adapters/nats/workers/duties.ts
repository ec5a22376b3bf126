import { assign } from './assign.ts';
import { postOf, postsOf, type Post, type WorkerEntry } from './entry.ts';

/** Who takes each partition, as one worker sees it. */
export type Owners = ReadonlyMap<Post, string>;

/** What one worker knew when it last decided. */
export interface Knowledge {
  readonly owners: Owners;
  /** Posts of ours that a worker which was alive then had before us and may not have let go of yet. */
  readonly heirOf: ReadonlyMap<Post, string>;
}

export interface Duties extends Knowledge {
  /** Every post that is ours now. */
  readonly ours: ReadonlySet<Post>;
  /**
   * Posts of ours whose last owner died: what it had not acknowledged is to come back at once. Never one in
   * which a living worker has something in hand, since that would be handed out a second time.
   */
  readonly resets: readonly Post[];
}

export const ownersOf = (workers: readonly WorkerEntry[], types: readonly string[], partitions: number): Owners =>
  new Map(types.flatMap((type) => {
    const carriers = workers.filter(({ machines }) => machines.some(({ name }) => name === type)).map(({ id }) => id);
    return assign(type, partitions, carriers).map((id, partition): [Post, string] => [postOf(type, partition), id]);
  }));

/** What `me` has to do now that these workers live and those have died since it last decided. Pure. */
export function dutiesOf(me: string, workers: readonly WorkerEntry[], died: ReadonlySet<string>, before: Knowledge, now: Owners): Duties {
  const living = new Map(workers.map((worker) => [worker.id, worker]));
  const inHand = new Map(workers.map(({ id, serves, finishes }) => [id, { serves: new Set(postsOf(serves)), finishes: new Set(postsOf(finishes)) }]));
  const ours = new Set([...now].filter(([, owner]) => owner === me).map(([post]) => post));
  const heirOf = new Map<Post, string>();
  const resets: Post[] = [];
  for (const post of ours) {
    const last = before.owners.get(post);
    const from = last !== undefined && last !== me ? last : before.heirOf.get(post);
    if (from === undefined) continue;
    if (died.has(from)) {
      const busy = workers.some(({ id }) => inHand.get(id)?.finishes.has(post) === true || (id !== me && inHand.get(id)?.serves.has(post) === true));
      if (!busy) resets.push(post);
    } else if (living.has(from) && (last !== me || inHand.get(from)?.serves.has(post) === true || inHand.get(from)?.finishes.has(post) === true)) {
      heirOf.set(post, from);
    }
  }
  return { ours, owners: now, heirOf, resets };
}
