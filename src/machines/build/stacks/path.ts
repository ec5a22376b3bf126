import { TerminalError } from '../../../kernel/errors.ts';

/**
 * A path inside the source, in its plainest form; `.` is the source itself.
 * @throws TerminalError `unsafe_artifact` for one that could lead out.
 */
export function insidePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const leadsOut = path.trim() === '' || path.startsWith('/') || path.startsWith('~') || /[\\\0\r\n]/.test(path)
    || /^[A-Za-z]:/.test(path) || parts.includes('..');
  if (leadsOut) {
    throw new TerminalError('unsafe_artifact', `The artifact path ${JSON.stringify(path)} does not stay inside the source.`,
      { hint: 'Name a file or folder below the source, such as "dist", without "..".' });
  }
  return parts.length === 0 ? '.' : parts.join('/');
}
