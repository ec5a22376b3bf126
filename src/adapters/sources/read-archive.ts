import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract } from 'tar-stream';
import { MillraceError } from '../../kernel/errors.ts';
import { detect } from './format.ts';
import { badArchive, inventory, type Item, type TarHeader } from './inventory.ts';
import { archiveLimits, meter, type ArchiveLimits } from './limits.ts';

export interface ReadOptions extends Partial<ArchiveLimits> {
  /** Take an archive without a single file. Default: refuse it. */
  readonly allowEmpty?: boolean;
}

/** What to do with one admitted entry; it must read `content` to its end. */
export type Sink = (item: Item, content: AsyncIterable<Buffer>) => Promise<void>;

/**
 * Read a tar or tar.gz, checking every entry before `sink` sees it.
 * @throws TerminalError `bad_archive`; what reading `source` or `sink` throws passes unchanged.
 */
export async function readArchive(source: Readable, sink: Sink, options: ReadOptions = {}): Promise<void> {
  const { allowEmpty = false, ...given } = options;
  const limits: ArchiveLimits = { ...archiveLimits, ...given };
  const faults = new Set<unknown>();
  source.once('error', (error) => faults.add(error));
  const { format, bytes } = await detect(source);
  const measured = meter(limits, badArchive);
  const seen = inventory(limits);
  const tar = extract();
  const unzip = format === 'tar.gz' ? [createGunzip()] : [];
  // tar-stream's streams are streamx's: Node can drive them, its types do not say so.
  const end = tar as unknown as NodeJS.WritableStream;
  const feeding = pipeline([Readable.from(bytes), measured.packed, ...unzip, measured.unpacked, end]).then(() => undefined, (error: unknown) => error);
  const failed = await eachEntry(tar, async (entry) => {
    const item = seen.admit(entry.header);
    if (item === undefined) return drain(entry);
    let cut: unknown;
    const content = watched(entry, (error) => { cut = error; });
    await sink(item, content).catch((error: unknown) => {
      if (error !== cut) faults.add(error);
      throw error;
    });
  });
  const broken = await feeding;
  // A reader that stops early breaks the feeding too; a feeding that fails breaks the reading.
  const error = [failed, broken].find((one) => one instanceof MillraceError || faults.has(one)) ?? broken ?? failed;
  if (error instanceof MillraceError || faults.has(error)) throw error;
  if (error !== undefined) throw badArchive(`it is broken or cut off (${text(error)})`, error);
  if (measured.tail().length < 1_024 || measured.tail().some((byte) => byte !== 0)) throw badArchive('it is cut off: its end mark is missing');
  if (!allowEmpty && seen.files() === 0) throw badArchive('there is no file in it');
}

type Entry = AsyncIterable<Buffer> & { readonly header: TarHeader };

async function eachEntry(tar: Extract, take: (entry: Entry) => Promise<void>): Promise<unknown> {
  try {
    for await (const entry of tar as AsyncIterable<unknown>) await take(entry as Entry);
    return undefined;
  } catch (error) {
    return error;
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function* watched(content: AsyncIterable<Buffer>, failed: (error: unknown) => void): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } catch (error) {
    failed(error);
    throw error;
  }
}

async function drain(content: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of content) { /* nothing to keep */ }
}

/** Reads everything and keeps nothing: is this archive one that `unpack` would take? @throws TerminalError `bad_archive`. */
export const checkArchive = (source: Readable, options: ReadOptions = {}): Promise<void> =>
  readArchive(source, (_, content) => drain(content), options);
