import { open } from 'node:fs/promises';
import { pipeline, Transform, type Readable } from 'node:stream';
import { pipeline as pipelined } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Header, type Pack } from 'tar-stream';
import { MillraceError, RetryableError, TerminalError } from '../../kernel/errors.ts';
import { archiveLimits, meter, type ArchiveLimits } from './limits.ts';
import { errno } from './remove-tree.ts';
import { ignoreOf, sourceTooLarge, walk, type Found } from './walk.ts';

export interface PackOptions extends Partial<ArchiveLimits> {
  /** Pack everything: an artifact needs its `node_modules`. Default: leave out what a source needs not, see `ignore.ts`. */
  readonly whole?: boolean;
}

/**
 * A folder as a tar.gz. The same content gives the same bytes wherever it lies: entries sorted, no times,
 * no owners, modes 644 and 755. Links that stay inside are kept.
 * The stream fails with TerminalError `empty_source`, `unpackable`, `unreadable_source`, `source_too_large`
 * or RetryableError `source_changed`.
 */
export function packDirectory(dir: string, options: PackOptions = {}): Readable {
  const { whole = false, ...given } = options;
  const limits = { ...archiveLimits, ...given };
  const measured = meter(limits, sourceTooLarge);
  const archive = pack();
  const out = plainHeader();
  // tar-stream's streams are streamx's: Node can drive them, its types do not say so.
  pipeline(archive as unknown as NodeJS.ReadableStream, measured.unpacked, createGzip({ level: 6 }), measured.packed, out, () => undefined);
  fill(archive, dir, whole, limits).then(() => archive.finalize(), (error: unknown) => {
    // At the end of the line, so that the reader hears this and not that a stream was closed.
    out.destroy(packError(error, dir));
    archive.destroy();
  });
  return out;
}

async function fill(archive: Pack, dir: string, whole: boolean, limits: ArchiveLimits): Promise<void> {
  const ignore = whole ? () => false : await ignoreOf(dir);
  let files = 0;
  for await (const found of walk(dir, ignore, limits)) {
    if (found.kind !== 'folder') files++;
    await add(archive, found);
  }
  if (files === 0) throw new TerminalError('empty_source', `There is nothing to pack in ${dir}.`, { hint: 'Name a folder with files in it that are not all ignored.' });
}

type TarEntry = Partial<Header> & Pick<Header, 'name'>;

const plain = { uid: 0, gid: 0, mtime: new Date(0) } as const;

async function add(archive: Pack, found: Found): Promise<void> {
  if (found.kind === 'folder') return entry(archive, { ...plain, name: `${found.path}/`, type: 'directory', mode: 0o755 });
  if (found.kind === 'link') return entry(archive, { ...plain, name: found.path, type: 'symlink', linkname: found.target, mode: 0o777 });
  const file = await open(found.at, 'r');
  try {
    const { size, mode } = await file.stat();
    const header: TarEntry = { ...plain, name: found.path, type: 'file', size, mode: (mode & 0o100) === 0 ? 0o644 : 0o755 };
    if (size === 0) return await entry(archive, header);
    await pipelined(file.createReadStream({ autoClose: false }), archive.entry(header) as unknown as NodeJS.WritableStream);
  } finally {
    await file.close();
  }
}

function entry(archive: Pack, header: TarEntry): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, '', (error) => { if (error) reject(error); else resolve(); });
  });
}

function packError(error: unknown, dir: string): MillraceError {
  if (error instanceof MillraceError) return error;
  if (errno(error) === 'EACCES' || errno(error) === 'EPERM') {
    return new TerminalError('unreadable_source', `Something in ${dir} cannot be read: ${String(error)}.`, { hint: 'Make it readable, or leave it out with a .millraceignore.', cause: error });
  }
  return new RetryableError('source_changed', `${dir} changed or went away while it was packed: ${String(error)}.`, { hint: 'Try again when nobody is writing there.', cause: error });
}

/** The tenth byte of a gzip tells the system it was made on; ours says unknown everywhere. */
function plainHeader(): Transform {
  let at = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (at <= 9 && at + chunk.length > 9) {
        chunk = Buffer.from(chunk);
        chunk[9 - at] = 255;
      }
      at += chunk.length;
      done(null, chunk);
    },
  });
}
