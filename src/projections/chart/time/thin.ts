import type { Bar } from './waterfall.ts';

/** More bars than can be told apart, or pressed, in one lane. */
const most = 150;

/**
 * The bars of a lane as they can be seen: of very many those of one kind that stand close together are one, which is as bad as
 * the worst of them. `from` and `to` are the whole time's. Pure.
 */
export function thinned(bars: readonly Bar[], from: number, to: number): readonly Bar[] {
  if (bars.length <= most) return bars;
  const groups = new Map<string, Bar[]>();
  for (const bar of bars) {
    const key = `${bar.kind} ${Math.floor(((bar.from - from) / Math.max(1, to - from)) * (most - 1))}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [bar]);
    else group.push(bar);
  }
  return [...groups.values()].map(joined);
}

const badness: Readonly<Record<Bar['end'], number>> = { failed: 6, running: 5, aborted: 4, cancelled: 3, fired: 2, replaced: 1, stopped: 1, done: 0 };

function joined(group: readonly Bar[]): Bar {
  const [first, last] = [group[0], group.at(-1)] as [Bar, Bar];
  if (first === last) return first;
  const worst = group.reduce((bad, bar) => (badness[bar.end] > badness[bad.end] ? bar : bad));
  const { to: _to, toSeq: _toSeq, ...rest } = worst;
  return { ...rest, from: first.from, fromSeq: first.fromSeq, ...(last.to === undefined ? {} : { to: last.to }), ...(last.toSeq === undefined ? {} : { toSeq: worst.end === 'failed' ? worst.toSeq ?? last.toSeq : last.toSeq }), many: group.length };
}
