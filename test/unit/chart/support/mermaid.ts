/** A text as a label takes it: none of Mermaid's own signs but the entities `#35;`, `#quot;` and the like. */
const label = String.raw`(?:[^:;#{}"<>\n]|#\w+;)+`;
const name = String.raw`s_\w+`;

const lines: readonly RegExp[] = [
  new RegExp(String.raw`^ +state "${label}" as ${name}( \{)?$`),
  new RegExp(String.raw`^ +${name} --> ${name} : ${label}$`),
  new RegExp(String.raw`^ +\[\*\] --> ${name}$`),
  new RegExp(String.raw`^ +${name} --> \[\*\]$`),
  new RegExp(String.raw`^ +${name} : ${label}$`),
  new RegExp(String.raw`^ +note right of ${name} : ${label}$`),
  /^ +--$/,
  /^ +\}$/,
  /^ {2}classDef \w+ [\w-]+:[^,;\s]+(,[\w-]+:[^,;\s]+)*$/,
  new RegExp(String.raw`^ {2}class ${name}(,${name})* \w+$`),
];

/** What of a text is not of the grammar of Mermaid's state diagrams, as far as charts use it. */
export function mermaidFaults(text: string): readonly string[] {
  const [head, ...rest] = text.replace(/\n$/, '').split('\n');
  const found = head === 'stateDiagram-v2' ? [] : ['the first line'];
  const declared = new Set([...text.matchAll(/ as (s_\w+)/g)].map(([, id]) => id));
  let depth = 0;
  for (const line of rest) {
    if (!lines.some((pattern) => pattern.test(line))) found.push(line);
    for (const [used] of line.replaceAll(/"[^"]*"/g, '').split(' : ')[0]?.matchAll(/\bs_\w+/g) ?? []) if (!declared.has(used)) found.push(`${used} is not declared`);
    if (line.endsWith('{')) depth += 1;
    if (line.trim() === '}') depth -= 1;
    if (depth < 0) found.push('a brace too many');
  }
  return depth === 0 ? found : [...found, 'a brace is missing'];
}
