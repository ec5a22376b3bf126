import type { FileHandle } from 'node:fs/promises';

/** Lines that are passed over: how many, where the last of them begins, and where the next line does. */
export interface Passed {
  readonly lines: number;
  readonly last: number;
  readonly next: number;
}

/** What to pass over so that at most `keep` complete lines wait from `from` on. */
export async function passOver(file: FileHandle, from: number, keep: number): Promise<Passed | undefined> {
  let waiting = 0;
  for await (const _ of lineEnds(file, from)) waiting++;
  const lines = waiting - keep;
  if (lines <= 0) return undefined;
  let at = 0;
  let [last, next] = [from, from];
  for await (const end of lineEnds(file, from)) {
    [last, next] = [next, end];
    if (++at === lines) break;
  }
  return { lines, last, next };
}

/** Where each line's successor begins. */
async function* lineEnds(file: FileHandle, from: number): AsyncGenerator<number> {
  const block = Buffer.allocUnsafe(1024 * 1024);
  for (let at = from; ;) {
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return;
    const read = block.subarray(0, bytesRead);
    for (let end = read.indexOf(0x0a); end >= 0; end = read.indexOf(0x0a, end + 1)) yield at + end + 1;
    at += bytesRead;
  }
}
