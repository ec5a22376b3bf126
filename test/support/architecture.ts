import { dirname, join, normalize } from 'node:path/posix';

/** One `import`, `export ... from` or `import()` of a source file. */
export interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

/** Which rooms of src/ a room may import: everything of theirs, or their types only. */
interface Room {
  readonly all: readonly string[];
  readonly types?: readonly string[];
  /** Pure: no I/O, no clock, no randomness; only these packages. */
  readonly packages?: readonly string[];
}

/** DESIGN section 3: arrows point inward. The root files (`index.ts`, `connect.ts`) wire the rooms together. */
const ROOMS: Readonly<Record<string, Room>> = {
  kernel: { all: ['kernel'], packages: ['zod', 'xstate', 'node:crypto'] },
  machines: { all: ['machines', 'kernel'], packages: ['zod', 'xstate', 'node:crypto', 'smol-toml'] },
  projections: { all: ['projections', 'kernel'], packages: ['zod', 'node:crypto'] },
  runtime: { all: ['runtime', 'kernel', 'projections'], types: ['machines'] },
  adapters: { all: ['kernel'], types: ['machines', 'projections', 'runtime'] },
  console: { all: ['console', 'root', 'kernel', 'machines', 'projections', 'runtime', 'adapters'] },
  cli: { all: ['cli', 'console', 'root', 'kernel', 'machines', 'projections', 'runtime', 'adapters'] },
  root: { all: ['root', 'kernel', 'machines', 'projections', 'runtime', 'adapters'] },
};

/** Ports are contracts: what they export, an error they share among it, is for those who implement them. */
const PORTS = /^src\/runtime\/ports\//;

/** One folder a port: an adapter knows its own folder, never a neighbour, but for these. Runners unpack and pack trees as sources do. */
const NEIGHBOURS: Readonly<Record<string, string>> = { runners: 'sources', deployers: 'sources', addons: 'nats' };

/** The files that know XState's inside, so that its next major is their change alone. Types may be named anywhere in the kernel. */
const KNOWS_XSTATE = /^src\/(kernel\/(xstate[\w-]*|define|activity|abort)\.ts|machines\/.*)$/;

/** What the linter cannot say: it knows names, not whether they were given an argument. */
const IMPURE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['new Date() reads the clock', /\bnew Date\s*(?:\(\s*\)|(?=[;,)\]}\n]))/],
  ['Date() reads the clock', /(?<!new\s)(?<![\w.])Date\(/],
  ['import.meta touches the file system', /\bimport\.meta\b/],
];

/** What breaks the house rules, a line each: `src/kernel/a.ts: imports ...`. `files`: path from the repository root -> source text. */
export function violations(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, source]) => {
    const room = roomOf(path);
    const rules = ROOMS[room];
    if (rules === undefined) return [`${path}: ${room} is not a room of DESIGN section 3`];
    const wrong = importsOf(source).flatMap((found) => importFault(path, rules, found) ?? []);
    const impure = rules.packages === undefined ? []
      : IMPURE.filter(([, pattern]) => pattern.test(withoutComments(source))).map(([what]) => what);
    return [...wrong, ...impure].map((what) => `${path}: ${what}`);
  });
}

function importFault(path: string, rules: Room, { from, typeOnly }: Import): string | undefined {
  if (!from.startsWith('.')) {
    if (from === 'xstate' || from.startsWith('xstate/')) {
      const known = KNOWS_XSTATE.test(path) || (typeOnly && roomOf(path) === 'kernel');
      return known ? undefined : `imports ${from}, which only the kernel's xstate files and the machines know`;
    }
    if (rules.packages === undefined || typeOnly || rules.packages.includes(from)) return undefined;
    return `imports ${from}, which is not among the packages of a pure room`;
  }
  const target = normalize(join(dirname(path), from));
  const room = roomOf(target);
  if (room === 'adapters' && roomOf(path) === 'adapters') {
    const [own, theirs] = [portOf(path), portOf(target)];
    return own === theirs || NEIGHBOURS[own] === theirs ? undefined : `imports the neighbouring adapter ${target}`;
  }
  if (roomOf(path) === 'adapters' && PORTS.test(target)) return undefined;
  if (rules.all.includes(room)) return undefined;
  if (rules.types?.includes(room) === true) return typeOnly ? undefined : `imports more than types from ${target}`;
  return `imports ${target}, against the arrows`;
}

const roomOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? 'root';
const portOf = (path: string): string => path.split('/')[2] ?? '';

/** Every import of a source text; comments and type positions do not confuse it. */
export function importsOf(source: string): Import[] {
  const text = withoutComments(source);
  const named = [...text.matchAll(/\b(?:import|export)\s+(type\s+)?([\w*{][^'"`;=]*?)\s*from\s*['"]([^'"]+)['"]/g)]
    .map(([, type, what = '', from = '']) => ({ from, typeOnly: type !== undefined || onlyTypes(what) }));
  const bare = [...text.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, from = '']) => ({ from, typeOnly: false }));
  return [...named, ...bare];
}

function onlyTypes(what: string): boolean {
  const list = /^\{(.*)\}$/s.exec(what.trim())?.[1];
  const names = list?.split(',').map((name) => name.trim()).filter((name) => name !== '') ?? [];
  return names.length > 0 && names.every((name) => name.startsWith('type '));
}

/** Block comments and whole-line comments out; a `//` inside a string stays, being part of one. */
const withoutComments = (source: string): string => source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
