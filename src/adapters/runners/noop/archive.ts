import type { Readable } from 'node:stream';
import { pack } from 'tar-stream';

/** The smallest archive there is to deploy: a tar with one empty file. The same bytes, and so the same digest, every time. */
export function tinyArchive(): Readable {
  const archive = pack();
  archive.entry({ name: 'noop', mode: 0o644, mtime: new Date(0) }, '');
  archive.finalize();
  return archive as unknown as Readable;
}
