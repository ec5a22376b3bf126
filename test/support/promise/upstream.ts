import type { Declared, Declarer, Promised } from '../../../src/machines/promise/declarer.ts';

/** An upstream of its own, outside of every worker: it remembers the first status promised for a build. */
export interface FakeUpstream extends Declarer {
  /** Every attempt that reached it or its door. */
  readonly attempts: readonly (Promised & { readonly at: number })[];
  /** What it took, each once. */
  readonly taken: ReadonlyMap<string, Promised>;
  /** While it is down, every attempt fails. */
  down: boolean;
  /** The next attempts take effect, and their answer is lost. */
  losing: number;
  /** Told what an attempt does before it is answered. */
  before: () => Promise<void>;
}

export function fakeUpstream(now: () => number): FakeUpstream {
  const attempts: (Promised & { at: number })[] = [];
  const taken = new Map<string, Promised>();
  const upstream: FakeUpstream = {
    name: 'fake', attempts, taken, down: false, losing: 0, before: async () => undefined,
    async declare(promised) {
      attempts.push({ ...promised, at: now() });
      await upstream.before();
      if (upstream.down) return { verdict: 'later', code: 'upstream_unavailable', message: 'answered with 503' };
      const answer = take(promised);
      if (upstream.losing-- > 0) throw new Error('socket hang up');
      return answer;
    },
  };
  const take = (promised: Promised): Declared => {
    const first = taken.get(promised.build) ?? promised;
    taken.set(promised.build, first);
    if (first.exitStatus === promised.exitStatus) return { verdict: 'accepted' };
    return { verdict: 'refused', code: 'another_status', message: `${first.exitStatus} was promised`, standing: first.exitStatus };
  };
  return upstream;
}
