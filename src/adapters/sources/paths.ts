/** Why a name cannot stand in an archive; undefined when it can. Both kinds of separators are looked at. */
export function pathProblem(name: string, maxBytes: number): string | undefined {
  if (name === '') return 'an entry has no name';
  if (name.includes('\0')) return 'a name has a NUL in it';
  if (name.includes('\uFFFD')) return `"${name}" is not UTF-8`;
  if (isAbsolute(name)) return `"${name}" is an absolute path`;
  if (name.split(/[/\\]/).includes('..')) return `"${name}" climbs out with ".."`;
  if (Buffer.byteLength(name) > maxBytes) return `a path is longer than ${maxBytes} bytes: "${name.slice(0, 80)}..."`;
  if (name.split('/').some((part) => Buffer.byteLength(part) > 255)) return `a name is longer than 255 bytes: "${name.slice(0, 80)}..."`;
  return undefined;
}

/**
 * Why the symbolic link at `path` cannot stay; undefined when it leads inside. `..` may stand only
 * before names: after a name, that name could be a link itself and the way up lead anywhere.
 */
export function linkProblem(path: readonly string[], target: string): string | undefined {
  const shown = `"${path.join('/')}" -> "${target}"`;
  if (target === '' || target.includes('\0')) return `the link ${shown} has no target`;
  if (isAbsolute(target)) return `the link ${shown} is absolute`;
  const steps = target.split(/[/\\]/).filter((step) => step !== '' && step !== '.');
  const up = steps.findIndex((step) => step !== '..');
  const climbs = up === -1 ? steps.length : up;
  if (climbs > path.length - 1) return `the link ${shown} points outside`;
  return steps.slice(climbs).includes('..') ? `the link ${shown} goes down and up again` : undefined;
}

/** The parts of a path that has no problem; empty for the root itself. */
export const partsOf = (name: string): readonly string[] => name.split('/').filter((part) => part !== '' && part !== '.');

/** How a disk that does not tell case or Unicode forms apart sees a path. */
export const folded = (path: string): string => path.normalize('NFC').toLowerCase();

const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:[/\\])/.test(path);
