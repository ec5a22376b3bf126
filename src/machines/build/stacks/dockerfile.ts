import type { ServiceSpec } from '../config/spec.ts';
import type { Detector } from './stack.ts';

export const dockerfile: Detector = {
  stack: 'dockerfile',
  looksFor: 'Dockerfile',
  reads: ['Dockerfile'],
  detect(listing) {
    const text = listing.text('Dockerfile');
    if (text === undefined) return undefined;
    return { command: 'docker build --output type=local,dest=dist .', artifact: 'dist', services: lastStage(text) };
  },
};

/** What the last stage runs and where it listens. */
function lastStage(text: string): Record<string, ServiceSpec> {
  let entry = '';
  let command = '';
  let ports: number[] = [];
  for (const line of instructions(text)) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const name = word.toUpperCase();
    if (name === 'FROM') [entry, command, ports] = ['', '', []];
    if (name === 'ENTRYPOINT') entry = shellLine(rest);
    if (name === 'CMD') command = shellLine(rest);
    if (name === 'EXPOSE') ports = [...ports, ...rest.split(/\s+/).map(Number.parseFloat).filter(Number.isInteger)];
  }
  const line = `${entry} ${command}`.trim();
  return line === '' ? {} : { web: { command: line, ports: [...new Set(ports)] } };
}

/** Lines without comments, continued ones joined. */
const instructions = (text: string): string[] =>
  text.split(/\r?\n/).filter((line) => !line.trim().startsWith('#')).join('\n')
    .replaceAll(/\\[ \t]*\n/g, ' ').split('\n').map((line) => line.trim());

/** `["a", "b c"]` as a shell would need it: `a 'b c'`; the shell form as it stands. */
function shellLine(rest: string): string {
  try {
    const words: unknown = JSON.parse(rest);
    if (!Array.isArray(words)) return rest;
    return words.map(String).map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
  } catch {
    return rest;
  }
}
