import { fileURLToPath } from 'node:url';

/**
 * A compiled file below `dist/src`: threads and browsers run JavaScript, also where the rest runs from its sources, as in tests.
 * `path` as `console/page/main.js`.
 */
export function compiledFile(path: string): string {
  const isCompiled = import.meta.url.endsWith('.js');
  return fileURLToPath(new URL(isCompiled ? `../${path}` : `../../dist/src/${path}`, import.meta.url));
}
