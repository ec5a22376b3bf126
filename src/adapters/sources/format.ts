import type { Readable } from 'node:stream';
import { badArchive } from './inventory.ts';

export type Format = 'tar' | 'tar.gz';

const others: readonly (readonly [what: string, magic: string])[] = [
  ['a zip', '504b'], ['bzip2', '425a68'], ['xz', 'fd377a585a'], ['zstd', '28b52ffd'],
];

/** Looks at the first bytes and gives all of them back. @throws TerminalError `bad_archive` when it is neither. */
export async function detect(bytes: Readable): Promise<{ readonly format: Format; readonly bytes: AsyncGenerator<Buffer> }> {
  const chunks = bytes[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
  let head = Buffer.alloc(0);
  while (head.length < 512) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  try {
    return { format: formatOf(head), bytes: all(head, chunks) };
  } catch (error) {
    await chunks.return?.();
    throw error;
  }
}

async function* all(head: Buffer, rest: AsyncIterableIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

function formatOf(head: Buffer): Format {
  if (head.length === 0) throw badArchive('it is empty');
  if (head[0] === 0x1f && head[1] === 0x8b) return 'tar.gz';
  if (head.length >= 512 && (head.toString('latin1', 257, 262) === 'ustar' || head.subarray(0, 512).every((byte) => byte === 0))) return 'tar';
  const other = others.find(([, magic]) => head.toString('hex').startsWith(magic))?.[0];
  throw badArchive(other === undefined ? 'it is neither a tar nor a tar.gz, or its beginning is broken' : `it is ${other}, not a tar or tar.gz`);
}
