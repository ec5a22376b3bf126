import { TerminalError } from '../../kernel/errors.ts';
import { folded, linkProblem, partsOf, pathProblem } from './paths.ts';
import type { ArchiveLimits } from './limits.ts';

/** One entry that may be laid out. Paths are relative, `/` between names. */
export type Item =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly executable: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'copy'; readonly path: string; readonly of: string };

/** What is read of a tar header. */
export interface TarHeader {
  readonly name: string;
  readonly type: string | null;
  readonly linkname: string | null;
  readonly mode: number;
  readonly pax?: unknown;
}

export interface Inventory {
  /** What to lay out; undefined for the root. @throws TerminalError `bad_archive`. */
  admit(header: TarHeader): Item | undefined;
  /** Files and links so far. */
  readonly files: () => number;
}

export function badArchive(what: string, cause?: unknown): TerminalError {
  return new TerminalError('bad_archive', `The archive is refused: ${what}.`,
    { hint: 'Pack the folder again with plain files, folders and links that stay inside: a tar or tar.gz.', cause });
}

/** Remembers every entry of one archive, so that none can reach through or replace another. */
export function inventory(limits: ArchiveLimits): Inventory {
  const kinds = new Map<string, Item['kind']>();
  const paths = new Set<string>();
  const links = new Set<string>();
  let entries = 0;

  const keep = (path: string, kind: Item['kind']): void => {
    const there = kinds.get(path);
    if (there === 'folder' && kind === 'folder') return;
    if (there !== undefined) throw badArchive(`"${path}" is in it twice`);
    const plain = folded(path);
    if (links.has(plain) || (kind === 'link' && paths.has(plain))) throw badArchive(`"${path}" and a link differ only in case`);
    kinds.set(path, kind);
    paths.add(plain);
    if (kind === 'link') links.add(plain);
  };

  const place = (parts: readonly string[], kind: Item['kind']): string => {
    for (let depth = 1; depth < parts.length; depth++) {
      const parent = parts.slice(0, depth).join('/');
      const there = kinds.get(parent);
      if (there !== undefined && there !== 'folder') throw badArchive(`"${parts.join('/')}" leads through "${parent}", which is a ${there}`);
      keep(parent, 'folder');
    }
    const path = parts.join('/');
    keep(path, kind);
    return path;
  };

  return {
    admit(header) {
      if (++entries > limits.maxEntries) throw badArchive(`it has more than ${limits.maxEntries} entries`);
      const problem = pathProblem(header.name, limits.maxPathBytes);
      if (problem !== undefined) throw badArchive(problem);
      const parts = partsOf(header.name);
      const kind = kindOf(header);
      if (parts.length === 0) {
        if (kind === 'folder') return undefined;
        throw badArchive(`"${header.name}" names no file`);
      }
      const target = header.linkname ?? '';
      if (kind === 'link') {
        const wrong = linkProblem(parts, target);
        if (wrong !== undefined) throw badArchive(wrong);
        return { kind, path: place(parts, kind), target };
      }
      if (kind === 'copy') {
        const of = partsOf(target).join('/');
        const wrong = pathProblem(target, limits.maxPathBytes);
        if (wrong !== undefined || !isFile(kinds.get(of))) throw badArchive(wrong ?? `the hard link "${header.name}" -> "${target}" is to no file before it`);
        return { kind, path: place(parts, kind), of };
      }
      const path = place(parts, kind);
      return kind === 'file' ? { kind, path, executable: (header.mode & 0o111) !== 0 } : { kind, path };
    },
    files: () => [...kinds.values()].filter((kind) => kind !== 'folder').length,
  };
}

const isFile = (kind: Item['kind'] | undefined): boolean => kind === 'file' || kind === 'copy';

function kindOf(header: TarHeader): Item['kind'] {
  if (Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse.'))) throw badArchive(`"${header.name}" is a sparse file`);
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      return 'file';
    case 'directory':
      return 'folder';
    case 'symlink':
      return 'link';
    case 'link':
      return 'copy';
    default:
      throw badArchive(`"${header.name}" is neither a file, a folder nor a link (${header.type ?? 'of an unknown kind'})`);
  }
}
