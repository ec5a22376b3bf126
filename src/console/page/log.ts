import type { ShownRecord } from '../protocol.ts';
import { duration, h, time } from './dom.ts';
import { longList, type LongList } from './list.ts';
import type { Live } from './live.ts';

/** So many records are asked for at once. */
const page = 100;

/** An actor's records, of which those are fetched that are seen. */
export interface LogPane {
  readonly list: LongList;
  readonly of: (seq: number) => ShownRecord | undefined;
  take(records: readonly ShownRecord[], length: number): void;
  /** The moment that is looked at. */
  choose(seq: number): void;
  fetch(from: number, count: number): void;
}

/** `go` to a record that was chosen; `arrived` when some have come that were asked for. */
export function logPane(live: Live, actor: string, createdAt: () => number | undefined, go: (seq: number) => void, arrived: () => void): LogPane {
  const records = new Map<number, ShownRecord>();
  const asking = new Set<number>();
  let length = 0;
  let chosen = 0;
  const list = longList('Log', 30, (place) => {
    const record = records.get(place + 1);
    return record === undefined ? undefined : { name: String(record.seq), key: record.seq === chosen, draw: () => rowOf(record) };
  }, fetch, (name) => { go(Number(name)); });
  list.element.classList.add('log');

  function fetch(from: number, count: number): void {
    const last = Math.min(length, from + count);
    for (let first = Math.floor(from / page) * page + 1; first <= last; first += page) {
      if (asking.has(first) || (records.has(first) && records.has(Math.min(length, first + page - 1)))) continue;
      asking.add(first);
      live.ask('actor.records', { actor, from: first, to: first + page - 1 }).then((got) => {
        for (const record of got) records.set(record.seq, record);
        list.draw();
        arrived();
      }, () => undefined).finally(() => { asking.delete(first); });
    }
  }
  function rowOf({ seq, at, sentence, mood, by, from }: ShownRecord): HTMLElement {
    return h('div', { class: `row record ${mood} ${seq === chosen ? 'chosen' : ''}`, 'aria-current': seq === chosen ? 'true' : undefined, title: by === undefined ? undefined : `from ${by}`, onclick: () => { go(seq); } },
      h('span', { class: 'seq' }, String(seq)), h('span', { class: 'sentence', title: sentence }, sentence), h('small', { title: time(at) }, `+${duration(at - (createdAt() ?? at))}`),
      h('span', { class: 'from' }, from === undefined ? undefined : h('button', { class: 'cause', title: `asked for by record ${from}`, 'aria-label': `asked for by record ${from}`, onclick: (event) => { event.stopPropagation(); go(from); } }, `← ${from}`)));
  }

  return {
    list, fetch,
    of: (seq) => records.get(seq),
    take(news, now) {
      length = now;
      for (const record of news) records.set(record.seq, record);
      list.resize(length);
    },
    choose(seq) {
      chosen = seq;
      list.draw();
      list.show(seq - 1);
    },
  };
}
