import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One place packages come from, as a sources file says it. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** Both formats of apt's sources: one line each, and stanzas (`*.sources`). Only enabled binary sources. */
export function parseSources(text: string, format: 'lines' | 'stanzas'): AptSource[] {
  return format === 'lines' ? parseLines(text) : parseStanzas(text);
}

function parseLines(text: string): AptSource[] {
  return text.split('\n').flatMap((raw) => {
    const line = raw.replace(/#.*/, '').trim();
    const match = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(line);
    const [, uri, suite, rest] = match ?? [];
    if (uri === undefined || suite === undefined) return [];
    return [{ uri, suites: [suite], components: words(rest) }];
  });
}

function parseStanzas(text: string): AptSource[] {
  const uncommented = text.split('\n').filter((line) => !line.startsWith('#')).join('\n');
  return uncommented.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const field of stanza.replace(/\n[ \t]+/g, ' ').split('\n')) {
      const colon = field.indexOf(':');
      if (colon > 0) fields.set(field.slice(0, colon).trim().toLowerCase(), field.slice(colon + 1).trim());
    }
    if (/^(no|false|0|off)$/i.test(fields.get('enabled') ?? '') || !words(fields.get('types')).includes('deb')) return [];
    const suites = words(fields.get('suites'));
    return words(fields.get('uris')).map((uri) => ({ uri, suites, components: words(fields.get('components')) }));
  });
}

const words = (text = ''): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Of these sources, the distribution's own archive: not its security archive, not somebody's extra repository. */
export function ownArchives(sources: readonly AptSource[], codename: string | undefined): string[] {
  const names = new Set(['oldstable', 'stable', 'testing', 'unstable', 'sid', ...(codename === undefined ? [] : [codename])]);
  return sources.filter((source) => source.components.includes('main') && source.suites.some((suite) => names.has(suite)))
    .map((source) => source.uri);
}

/** The mirrors this machine already uses for Debian, best first. What apt has fetched from, else what its sources files say. */
export async function machineMirrors(codename: string | undefined): Promise<string[]> {
  const fetched = await promisify(execFile)('apt-get',
    ['indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(REPO_URI)', 'Created-By: Packages'], { timeout: 20_000 })
    .then(({ stdout }) => stdout.split('\n').flatMap((line) => /^Debian\|Debian\|(.+)$/.exec(line)?.[1] ?? []))
    .catch(() => []);
  return [...new Set([...fetched, ...ownArchives(await readSources('/etc/apt'), codename)].map((uri) => uri.replace(/\/+$/, '')))];
}

async function readSources(folder: string): Promise<AptSource[]> {
  const parts = join(folder, 'sources.list.d');
  const names = await readdir(parts).catch((): string[] => []);
  const files = [join(folder, 'sources.list'), ...names.toSorted().map((name) => join(parts, name))];
  const found = await Promise.all(files.map(async (file) => {
    const format = file.endsWith('.list') ? 'lines' : file.endsWith('.sources') ? 'stanzas' : undefined;
    return format === undefined ? [] : parseSources(await readFile(file, 'utf8').catch(() => ''), format);
  }));
  return found.flat();
}
