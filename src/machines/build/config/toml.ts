import { parse, TomlError } from 'smol-toml';
import type { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import { projectFile, type ProjectFile } from './file.ts';
import { refuseSecretText, secretInConfig, secretLook } from './secrets.ts';

export const projectFileName = 'millrace.toml';

/** Reads `millrace.toml`; none is an empty one. @throws TerminalError `bad_config`, `secret_in_config`. */
export function parseProjectFile(text: string | undefined): ProjectFile {
  const parsed = projectFile.safeParse(text === undefined ? {} : parseToml(text));
  if (!parsed.success) {
    throw new TerminalError('bad_config', `${projectFileName}: ${parsed.error.issues.map(describe).join(' ')}`,
      { hint: 'docs/builds.md lists every setting.' });
  }
  refuseSecrets(parsed.data);
  return parsed.data;
}

function parseToml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of its message quotes the file, which may hold what must not be logged.
    const what = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'not TOML';
    throw new TerminalError('bad_config', `${projectFileName} line ${error.line}, column ${error.column}: ${what}.`,
      { hint: 'Write it as TOML 1.0, texts in double quotes: NAME = "value".' });
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  const nested = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  const text = nested ?? issue.message;
  const sentence = text.endsWith('.') ? text : `${text}.`;
  return where === '' ? sentence : `${where}: ${sentence}`;
}

function refuseSecrets(file: ProjectFile): void {
  for (const [name, entry] of Object.entries(file.env)) {
    const look = typeof entry === 'string' ? secretLook(name, entry) : undefined;
    if (look !== undefined) throw secretInConfig(`${projectFileName}: env.${name}`, look);
  }
  refuseSecretText(`${projectFileName}: build.command`, file.build.command ?? '');
  for (const [name, service] of Object.entries(file.services)) {
    refuseSecretText(`${projectFileName}: services.${name}.command`, service.command);
  }
}
