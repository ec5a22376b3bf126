/** The day as JavaScript: one function for each rule, and a table of 24 that points at them. */
export function emit(day) {
  const rules = [...new Set(day)];
  const functions = rules.map((rule, index) => `const say${index} = (words) => ${template(rule.parts)};`);
  const table = day.map((rule) => `say${rules.indexOf(rule)}`).join(', ');
  return `${functions.join('\n')}\nexport const greetings = [${table}];\n`;
}

const template = (parts) =>
  `\`${parts.map(({ word, literal }) => (word === undefined ? literal.replaceAll(/[`\\$]/g, '\\$&') : `\${words.${word}}`)).join('')}\``;

/** Modules in the order they need each other, as one: imports go, exports become plain, comments are dropped. */
export function bundle(modules) {
  const body = modules.map(({ source }) => source
    .replaceAll(/^import .* from '.*';\n/gm, '')
    .replaceAll(/^export /gm, '')
    .replaceAll(/^\s*\/\/.*\n/gm, '')
    .replaceAll(/\n{2,}/g, '\n').trim());
  return `#!/usr/bin/env node\n${body.join('\n')}\n`;
}
