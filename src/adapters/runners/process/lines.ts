import type { FileHandle } from 'node:fs/promises';
import type { OutputLine } from '../../../runtime/ports/output.ts';

/** One line of a build's log, with where it stands and where the next one will. */
export interface LogLine {
  readonly content: OutputLine;
  readonly offset: number;
  readonly next: number;
}

const blockSize = 65_536;
const newline = 0x0a;

/** Every complete line from `offset` on. A last line still being written is left for later. */
export async function* linesFrom(file: FileHandle, offset: number): AsyncGenerator<LogLine> {
  let rest: Buffer = Buffer.alloc(0);
  let at = offset;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(blockSize), 0, blockSize, at + rest.length);
    if (bytesRead === 0) return;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let begin = 0;
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline, begin)) {
      const next = at + end + 1;
      yield { content: parse(rest.toString('utf8', begin, end)), offset: at + begin, next };
      begin = end + 1;
    }
    at += begin;
    rest = rest.subarray(begin);
  }
}

/** A disk that was full for a moment may have left half a line. */
function parse(text: string): OutputLine {
  try {
    return JSON.parse(text) as OutputLine;
  } catch {
    return { at: 0, source: 'millrace', text: 'a line of output was damaged' };
  }
}
