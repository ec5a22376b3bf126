import type { MachineStamp } from '../../../kernel/record.ts';

/** Partition numbers by actor type, ascending. */
export type Partitions = Readonly<Record<string, readonly number[]>>;

export type CarriedMachine = MachineStamp & { readonly resumesFrom?: readonly string[] };

/** Can this worker go on with what that definition wrote, as far as it says? */
export const carries = ({ machines }: WorkerEntry, { name, version, hash }: MachineStamp): boolean =>
  machines.some((machine) => machine.name === name && (machine.hash === hash || machine.resumesFrom?.includes(version) === true));

/** One live worker, as it stands in the bucket `<prefix>_workers` under its id. */
export interface WorkerEntry {
  /** One subject token, new for every start. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since the epoch, by the worker's own clock. */
  readonly startedAt: number;
  /** After this long without a sign of life the others take it for dead. */
  readonly leaseMs: number;
  /** What it carries, and the earlier versions it goes on with. */
  readonly machines: readonly CarriedMachine[];
  /** The partitions it takes commands from. */
  readonly serves: Partitions;
  /** Partitions that passed to others, and of which it still finishes what it had begun. */
  readonly finishes: Partitions;
  /** Activities that may run at once in it; absent: any number. */
  readonly concurrency?: number;
}

/** An entry, if it is one: a deletion marker or somebody else's value is none. */
export function decodeEntry(data: Uint8Array): WorkerEntry | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(data)) as Partial<WorkerEntry> | null;
    const whole = typeof value === 'object' && value !== null && typeof value.id === 'string' && typeof value.host === 'string'
      && typeof value.pid === 'number' && typeof value.startedAt === 'number' && typeof value.leaseMs === 'number'
      && Array.isArray(value.machines) && value.machines.every((machine) => typeof machine?.name === 'string')
      && arePartitions(value.serves) && arePartitions(value.finishes);
    return whole ? (value as WorkerEntry) : undefined;
  } catch {
    return undefined;
  }
}

const arePartitions = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.values(value).every(Array.isArray);

/** One type's partition, named as its durable consumer is: `<type>_<partition>`. */
export type Post = string;

export const postOf = (type: string, partition: number): Post => `${type}_${partition}`;

/** `build_3` as its parts. */
export function partsOf(post: Post): { readonly type: string; readonly partition: number } {
  const at = post.lastIndexOf('_');
  return { type: post.slice(0, at), partition: Number(post.slice(at + 1)) };
}

export function postsOf(partitions: Partitions): Post[] {
  return Object.entries(partitions).flatMap(([type, numbers]) => numbers.map((partition) => postOf(type, partition)));
}

export function partitionsOf(posts: Iterable<Post>): Partitions {
  const byType: Record<string, number[]> = {};
  for (const post of posts) {
    const { type, partition } = partsOf(post);
    (byType[type] ??= []).push(partition);
  }
  for (const numbers of Object.values(byType)) numbers.sort((a, b) => a - b);
  return byType;
}
