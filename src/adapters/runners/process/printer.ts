import type * as fileSystem from 'node:fs';
import type * as decoder from 'node:string_decoder';
import type { Order } from './order.ts';

export interface Printer {
  /** Write one line into the build's log, without its secrets. */
  print(source: string, text: string): void;
  /** Write every line of a stream. */
  follow(source: string, stream: NodeJS.ReadableStream): void;
  /** Everything is on the disk. @throws what the disk says. */
  sync(): void;
  /** Output beyond the limit was dropped. */
  isCut(): boolean;
}

/** Writes a build's output, of bounded size, as JSON lines. Self-contained on purpose: see `program.ts`. */
export function printerTools(fs: typeof fileSystem, StringDecoder: typeof decoder.StringDecoder) {
  return ({ folder, maxOutputBytes, secrets }: Pick<Order, 'folder' | 'maxOutputBytes' | 'secrets'>, now: () => number): Printer => {
    const maxLine = 16_384;
    const log = fs.openSync(folder.log, 'a', 0o600);
    const longest = Math.max(0, ...secrets.map((secret) => secret.length));
    let written = 0;
    let cut = false;

    const store = (source: string, text: string): void => {
      try {
        fs.writeSync(log, `${JSON.stringify({ at: now(), source, text })}\n`);
      } catch {
        cut = true; // a full disk must not take the build's watcher down
      }
    };
    const hide = (text: string): string => secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text);
    const printHidden = (source: string, text: string): void => {
      if (cut) return;
      written += Buffer.byteLength(text) + 1;
      cut = written > maxOutputBytes;
      if (cut) store('millrace', `output cut after ${maxOutputBytes} bytes`);
      else store(source, text);
    };

    const follow = (source: string, stream: NodeJS.ReadableStream): void => {
      const text = new StringDecoder('utf8');
      let rest = '';
      const printLine = (line: string): void => {
        const shown = hide(line);
        for (let from = 0; from === 0 || from < shown.length; from += maxLine) printHidden(source, shown.slice(from, from + maxLine).replace(/\r$/, ''));
      };
      const take = (more: string, last: boolean): void => {
        const lines = (rest + more).split('\n');
        rest = last ? '' : (lines.pop() ?? '');
        if (last && lines.at(-1) === '') lines.pop();
        for (const line of lines) printLine(line);
        if (rest.length <= maxLine + longest) return;
        // Held back: the beginning of a secret may be at the end.
        const shown = hide(rest);
        const keep = Math.min(longest, shown.length);
        printLine(shown.slice(0, shown.length - keep));
        rest = shown.slice(shown.length - keep);
      };
      // What is dropped anyway is not even decoded: there may be gigabytes of it.
      stream.on('data', (chunk: Buffer) => { if (!cut) take(text.write(chunk), false); });
      stream.on('end', () => take(text.end(), true));
      stream.on('error', () => take(text.end(), true));
    };

    return { print: (source, line) => printHidden(source, hide(line)), follow, sync: () => fs.fsyncSync(log), isCut: () => cut };
  };
}
