/** Where one is in the console: `#/build/b42?record=7`, `#/?status=failed&text=held`. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const [, path = '', query = ''] = /^#\/([^?]*)\??(.*)$/.exec(hash) ?? [];
  return { path, query: new URLSearchParams(query) };
}

/** The address of it; what is empty or undefined is left out. */
export function addressOf(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')).toString();
  return `#/${path}${given === '' ? '' : `?${given}`}`;
}

/** So that what is seen can be sent to somebody, and come back to. No step of its own in the browser's history. */
export function note(query: Readonly<Record<string, string | undefined>>): void {
  history.replaceState(null, '', addressOf(placeOf(location.hash).path, query));
}
