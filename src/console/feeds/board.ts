import { listenToBoard } from '../../adapters/nats/board-listen.ts';
import type { Millrace } from '../../connect.ts';
import { shown } from '../shown.ts';
import type { BoardPush, BoardRow, BoardWindow } from '../protocol.ts';
import { boardView, filterKey, type BoardView } from './board-view.ts';
import type { Watch } from './watch.ts';

/** The whole board, kept up to date for every page at once. */
export interface BoardFeed {
  /** A window on it; `changed` is called when there may be something new for it. */
  watch(window: BoardWindow, changed: () => void): BoardWatch;
  /** Read it again: what changed while the broker was away was not heard. */
  reload(): Promise<void>;
  close(): void;
}

export interface BoardWatch extends Watch<BoardPush> {
  /** What the page sees of it at once. */
  first(): BoardPush;
}

interface Shared {
  readonly view: BoardView;
  readonly changed: Set<() => void>;
  /** Rows it has not taken yet. */
  news: Map<string, BoardRow>;
}

/** Hears the board's changes through one plain subscription, without a consumer; the log tells what was missed by `reload`. */
export async function boardFeed({ broker, board }: Pick<Millrace, 'broker' | 'board'>): Promise<BoardFeed> {
  const rows = new Map<string, BoardRow>();
  const types: Record<string, number> = {};
  const views = new Map<string, Shared>();

  const take = (entry: BoardRow): void => {
    const known = rows.get(entry.actor);
    if (known !== undefined && known.seq >= entry.seq) return;
    if (known === undefined) {
      const type = entry.actor.slice(0, entry.actor.indexOf('/'));
      types[type] = (types[type] ?? 0) + 1;
    }
    // What could hold a secret is few and short; the rest of a row is redacted when it is sent.
    const row = entry.blocked === undefined ? entry : { ...entry, blocked: shown(entry.blocked) };
    rows.set(row.actor, row);
    for (const shared of views.values()) {
      shared.news.set(row.actor, row);
      for (const tell of shared.changed) tell();
    }
  };
  const listening = listenToBoard(broker, take);
  const reload = async (): Promise<void> => { for (const entry of await board.list()) take(entry); };
  await reload();

  const open = (key: string, window: BoardWindow): Shared => {
    const shared: Shared = views.get(key) ?? { view: boardView(window), changed: new Set(), news: new Map(rows) };
    views.set(key, shared);
    return shared;
  };

  return {
    reload,
    watch(window, changed) {
      const key = filterKey(window);
      const shared = open(key, window);
      shared.changed.add(changed);
      let sent = new Map<string, BoardRow>();
      let order: readonly string[] = [];
      /** The counts as they were sent last. */
      let numbers = '';

      const push = (): BoardPush => {
        if (shared.news.size > 0) {
          const news = [...shared.news.values()];
          shared.news = new Map();
          shared.view.take(news);
        }
        const { view } = shared;
        const seen = view.slice(window.from, window.count);
        const now = seen.map(({ actor }) => actor);
        const isSame = now.length === order.length && now.every((actor, place) => actor === order[place]);
        const fresh = seen.filter((row) => sent.get(row.actor) !== row);
        sent = new Map(seen.map((row) => [row.actor, row]));
        order = now;
        numbers = JSON.stringify([view.total, view.counts, types]);
        return { total: view.total, counts: { ...view.counts }, types: { ...types }, from: window.from, ...(isSame ? {} : { order: now }), rows: fresh.map(shown) };
      };
      return {
        first: () => ({ order: [], ...push() }),
        take() {
          const before = numbers;
          const { order: moved, ...news } = push();
          const isNews = moved !== undefined || news.rows.length > 0 || before !== numbers;
          return isNews ? { ...news, ...(moved === undefined ? {} : { order: moved }) } : undefined;
        },
        leave() {
          shared.changed.delete(changed);
          if (shared.changed.size === 0) views.delete(key);
        },
      };
    },
    close: () => { listening.unsubscribe(); },
  };
}
