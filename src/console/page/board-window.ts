import type { BoardWindow, Status } from '../protocol.ts';

export const statuses: readonly Status[] = ['blocked', 'failed', 'running', 'waiting', 'stopping', 'stopped', 'undoing', 'cancelled', 'completed'];

export const orders = ['attention', 'changed', 'created', 'actor'] as const;

/** The window that an address asks for. */
export function windowOf(query: URLSearchParams): BoardWindow {
  const status = query.get('status')?.split(',') ?? [];
  return {
    from: 0, count: 80, roots: !query.has('children'), sort: orders.find((one) => one === query.get('sort')) ?? 'attention',
    text: query.get('text') ?? '', type: query.get('type') ?? '', status: statuses.filter((one) => status.includes(one)),
  };
}

/** What of it stands in the address. */
export const queryOf = ({ text, type, status, roots, sort }: BoardWindow): Readonly<Record<string, string | undefined>> => ({
  text, type, status: status?.join(), children: roots === true ? undefined : 'shown', sort: sort === 'attention' ? undefined : sort,
});

/** Two windows on the same rows in the same order. */
export const boardOf = (window: BoardWindow): string => JSON.stringify(queryOf(window));
