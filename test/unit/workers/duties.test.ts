import { describe, expect, it } from 'vitest';
import { dutiesOf, ownersOf, type Knowledge, type Owners } from '../../../src/adapters/nats/workers/duties.ts';
import { partitionsOf, partsOf, postsOf, type Post, type WorkerEntry } from '../../../src/adapters/nats/workers/entry.ts';

const stamp = (name: string) => ({ name, version: '1', hash: 'x' });
const worker = (id: string, serves: readonly Post[] = [], finishes: readonly Post[] = []): WorkerEntry =>
  ({ id, host: 'h', pid: 1, startedAt: 0, leaseMs: 3000, machines: [stamp('build')], serves: partitionsOf(serves), finishes: partitionsOf(finishes) });
const owners = (given: Record<string, string>): Owners => new Map(Object.entries(given));
const knew = (given: Record<string, string>, heirOf: Record<string, string> = {}): Knowledge => ({ owners: owners(given), heirOf: owners(heirOf) });
const died = (...ids: string[]): ReadonlySet<string> => new Set(ids);

describe('what a worker does when others come and go', () => {
  it('given a partition whose owner died, when it passes to us, then it is reset', () => {
    const duties = dutiesOf('me', [worker('me')], died('x'), knew({ build_0: 'x' }), owners({ build_0: 'me' }));
    expect([...duties.ours]).toEqual(['build_0']);
    expect(duties.resets).toEqual(['build_0']);
  });

  it('given a partition whose owner left, or lives on, when it passes to us, then it is not reset', () => {
    expect(dutiesOf('me', [worker('me')], died(), knew({ build_0: 'left' }), owners({ build_0: 'me' })).resets).toEqual([]);
    expect(dutiesOf('me', [worker('me'), worker('x', ['build_0'])], died(), knew({ build_0: 'x' }), owners({ build_0: 'me' })).resets).toEqual([]);
  });

  it.each([['another finishes something in it', [worker('me'), worker('y', [], ['build_0'])]],
    ['another says that it serves it', [worker('me'), worker('y', ['build_0'])]],
    ['we ourselves finish something in it', [worker('me', [], ['build_0'])]]])('given a dead owner, when %s, then it is not reset', (_, living) => {
    expect(dutiesOf('me', living, died('x'), knew({ build_0: 'x' }), owners({ build_0: 'me' })).resets).toEqual([]);
  });

  it('given a partition that passed to us while its owner was dying, when the lease is over, then it is reset once', () => {
    const taken = dutiesOf('me', [worker('me'), worker('x', ['build_0'])], died(), knew({ build_0: 'x' }), owners({ build_0: 'me' }));
    const later = dutiesOf('me', [worker('me', ['build_0']), worker('x', ['build_0'])], died(), taken, owners({ build_0: 'me' }));
    expect(later.resets).toEqual([]);
    const dead = dutiesOf('me', [worker('me', ['build_0'])], died('x'), later, owners({ build_0: 'me' }));
    expect(dead.resets).toEqual(['build_0']);
    expect(dutiesOf('me', [worker('me', ['build_0'])], died('x'), dead, owners({ build_0: 'me' })).resets).toEqual([]);
  });

  it('given a partition that its last owner has let go of, when that one dies later, then nothing is reset', () => {
    const taken = dutiesOf('me', [worker('me'), worker('x', ['build_0'])], died(), knew({ build_0: 'x' }), owners({ build_0: 'me' }));
    const free = dutiesOf('me', [worker('me', ['build_0']), worker('x')], died(), taken, owners({ build_0: 'me' }));
    expect(dutiesOf('me', [worker('me', ['build_0'])], died('x'), free, owners({ build_0: 'me' })).resets).toEqual([]);
  });

  it('given workers of which one carries another type, then owners are named for each type among those that carry it', () => {
    const other = { ...worker('b'), machines: [stamp('build'), stamp('order')] };
    const found = ownersOf([worker('a'), other], ['build', 'order', 'none'], 4);
    expect([...found].filter(([post]) => post.startsWith('order')).map(([, id]) => id)).toEqual(['b', 'b', 'b', 'b']);
    expect([...found].filter(([post]) => post.startsWith('build')).map(([, id]) => id).toSorted()).toEqual(['a', 'a', 'b', 'b']);
    expect([...found.keys()].some((post) => post.startsWith('none'))).toBe(false);
  });

  it('given a type with underscores in its name, then its partitions survive being listed', () => {
    expect(partsOf('my_build_12')).toEqual({ type: 'my_build', partition: 12 });
    expect(postsOf(partitionsOf(['my_build_12', 'my_build_3', 'run_0']))).toEqual(['my_build_3', 'my_build_12', 'run_0']);
  });
});
