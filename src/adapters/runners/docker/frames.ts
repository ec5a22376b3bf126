/** One entry of a container's log: a line, or a piece of one that is longer than 16 KiB. */
export interface Frame {
  readonly source: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, as the engine wrote it down: the same at every reading. */
  readonly time: string;
  readonly text: string;
}

const headerBytes = 8;

/** The engine's stream of a log with time stamps, taken apart. Each of its frames is one entry. */
export async function* framesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes) {
      const end = headerBytes + rest.readUInt32BE(4);
      if (rest.length < end) break;
      yield frame(rest[0] === 2 ? 'stderr' : 'stdout', rest.toString('utf8', headerBytes, end));
      rest = rest.subarray(end);
    }
  }
}

function frame(source: Frame['source'], entry: string): Frame {
  const gap = entry.indexOf(' ');
  return { source, time: entry.slice(0, gap), text: entry.slice(gap + 1).replace(/\r?\n$/, '') };
}

/** What the engine's `since` wants, seconds: a second earlier, since entries are not quite in the order of their times. */
export const sinceOf = (time: string): string => `${Math.floor(Date.parse(time) / 1000) - 1}.000000000`;
