import { Transform } from 'node:stream';
import type { MillraceError } from '../../kernel/errors.ts';

/** How much an archive may hold. */
export interface ArchiveLimits {
  /** Files, folders and links. Default 100,000. */
  readonly maxEntries: number;
  /** Bytes of the unpacked tar, headers included. Default 2 GiB. */
  readonly maxBytes: number;
  /** Unpacked to packed bytes, looked at once there are 64 MiB. Default 200. */
  readonly maxRatio: number;
  /** Bytes of one path. Default 1,024; one name in it has at most 255. */
  readonly maxPathBytes: number;
}

export const archiveLimits: ArchiveLimits = { maxEntries: 100_000, maxBytes: 2 * 1024 ** 3, maxRatio: 200, maxPathBytes: 1_024 };

const ratioFrom = 64 * 1024 ** 2;

/** Counts both sides of the compression as the bytes go by. */
export interface Meter {
  readonly packed: Transform;
  readonly unpacked: Transform;
  readonly bytes: () => number;
  /** The last bytes of the tar, up to 1,024. */
  readonly tail: () => Buffer;
}

/** `exceeded` makes the error of a sentence that says which limit was passed. */
export function meter(limits: ArchiveLimits, exceeded: (what: string) => MillraceError): Meter {
  let packed = 0;
  let unpacked = 0;
  let tail: Buffer = Buffer.alloc(0);
  const problem = (): string | undefined => {
    if (unpacked > limits.maxBytes) return `it unpacks to more than ${limits.maxBytes} bytes`;
    if (unpacked > ratioFrom && packed > 0 && unpacked / packed > limits.maxRatio) return `it unpacks to more than ${limits.maxRatio} times its size`;
    return undefined;
  };
  return {
    packed: new Transform({
      transform(chunk: Buffer, _, done) {
        packed += chunk.length;
        done(null, chunk);
      },
    }),
    unpacked: new Transform({
      transform(chunk: Buffer, _, done) {
        unpacked += chunk.length;
        tail = (chunk.length >= 1_024 ? chunk : Buffer.concat([tail, chunk])).subarray(-1_024);
        const what = problem();
        if (what === undefined) done(null, chunk); else done(exceeded(what));
      },
    }),
    bytes: () => unpacked,
    tail: () => tail,
  };
}
