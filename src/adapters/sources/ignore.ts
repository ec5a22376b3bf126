/** Never part of a source, unless a `.millraceignore` says `!name`. */
const ignoredByDefault = ['.git', 'node_modules', '.millrace'] as const;

interface Rule {
  readonly matches: RegExp;
  readonly foldersOnly: boolean;
  readonly ignore: boolean;
}

/** Says whether to leave out a path (relative, `/` between names). What is inside a folder left out is not asked. */
export type Ignore = (path: string, isFolder: boolean) => boolean;

/**
 * The lines of a `.millraceignore`, as git reads them: `#` comments, `*`, `?`, `**`, `/` at the end for
 * folders only, `/` elsewhere ties it to the top, `!` takes back. The last line that matches decides.
 */
export function ignoring(text: string): Ignore {
  const rules = [...ignoredByDefault, ...text.split('\n')].flatMap(ruleOf);
  return (path, isFolder) => rules.findLast((rule) => rule.matches.test(path) && (isFolder || !rule.foldersOnly))?.ignore ?? false;
}

function ruleOf(line: string): Rule[] {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return [];
  const ignore = !text.startsWith('!');
  const pattern = ignore ? text : text.slice(1);
  const foldersOnly = pattern.endsWith('/');
  const body = pattern.replace(/\/+$/, '');
  const tied = body.includes('/');
  const glob = body.replace(/^\/+/, '').split(/(\*\*\/|\*\*|\*|\?)/).map(expression).join('');
  return [{ matches: new RegExp(`^${tied ? '' : '(?:.*/)?'}${glob}$`), foldersOnly, ignore }];
}

function expression(part: string): string {
  if (part === '**/') return '(?:.*/)?';
  if (part === '**') return '.*';
  if (part === '*') return '[^/]*';
  return part === '?' ? '[^/]' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
}
