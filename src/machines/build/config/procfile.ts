import { TerminalError } from '../../../kernel/errors.ts';
import { refuseSecretText } from './secrets.ts';

/** Reads a Procfile, `name: command` a line. @throws TerminalError `bad_procfile`, `secret_in_config`. */
export function parseProcfile(text: string | undefined): Record<string, string> {
  const services: Record<string, string> = {};
  for (const [index, raw] of (text ?? '').split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const where = `Procfile line ${index + 1}`;
    const [, name, command] = /^([A-Za-z0-9_-]{1,63}):\s*(\S.*)$/.exec(line) ?? [];
    if (name === undefined || command === undefined) {
      throw new TerminalError('bad_procfile', `${where} is not "name: command".`, { hint: 'For example: web: node server.mjs' });
    }
    if (services[name] !== undefined) {
      throw new TerminalError('bad_procfile', `${where} names ${name} a second time.`, { hint: 'Give each process its own name.' });
    }
    refuseSecretText(where, command);
    services[name] = command;
  }
  return services;
}
