/**
 * Which worker takes each partition of one actor type: the owner's id by partition, empty when nobody
 * carries the type. Pure, and the same for everybody who knows the same workers, in whatever order.
 *
 * Rendezvous hashing with a cap: every pair of partition and worker has a score; the best pairs come first,
 * and a worker that has its even share takes no more. So shares differ by one at most, and when a worker
 * comes or goes little more than its own share moves.
 */
export function assign(type: string, partitions: number, workers: readonly string[]): readonly string[] {
  const ids = [...new Set(workers)].toSorted();
  if (ids.length === 0) return [];
  const share = Math.floor(partitions / ids.length);
  // So many workers take one more than the others.
  let extras = partitions % ids.length;
  const load = new Map<string, number>();
  const owners: string[] = [];
  let left = partitions;
  for (const { partition, id } of ranked(type, partitions, ids)) {
    if (left === 0) break;
    const has = load.get(id) ?? 0;
    if (owners[partition] !== undefined || has > share || (has === share && extras === 0)) continue;
    if (has === share) extras--;
    owners[partition] = id;
    load.set(id, has + 1);
    left--;
  }
  return owners;
}

interface Pair {
  readonly partition: number;
  readonly id: string;
  readonly score: number;
}

function ranked(type: string, partitions: number, ids: readonly string[]): Pair[] {
  const pairs = ids.flatMap((id) => Array.from({ length: partitions }, (_, partition) => ({ partition, id, score: score(`${type}/${partition}/${id}`) })));
  return pairs.sort((a, b) => b.score - a.score || a.partition - b.partition || (a.id < b.id ? -1 : 1));
}

/** FNV-1a, then Murmur3's finish so that near strings get far scores. */
function score(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
