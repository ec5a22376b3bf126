import { TerminalError } from '../../../kernel/errors.ts';

const secretName = /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

/** Shapes that credentials of well-known kinds have. */
const secretShapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'holds a private key'],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, 'holds an AWS access key'],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/, 'holds a GitHub token'],
  [/\bglpat-[\w-]{20,}/, 'holds a GitLab token'],
  [/\bxox[abeoprs]-[\w-]{10,}/, 'holds a Slack token'],
  [/\b(?:sk|rk)[-_](?:live|test|proj|ant)[-_][\w-]{16,}/, 'holds an API key'],
  [/\bAIza[\w-]{35}/, 'holds a Google API key'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'holds an npm token'],
  [/\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+/, 'holds a signed token (JWT)'],
  [/\bS[AUOCNX][A-Z2-7]{56}\b/, 'holds a NATS seed'],
  [/[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i, 'holds an address with a password in it'],
];

/** Why the pair looks like a credential; never says the value. */
export function secretLook(name: string, value: string): string | undefined {
  if (value === '') return undefined;
  if (secretName.test(name)) return 'is named like a secret';
  return secretShape(value);
}

const secretShape = (text: string): string | undefined => secretShapes.find(([shape]) => shape.test(text))?.[1];

/** A plain value that must not stand in a log, a config version or a page. */
export function secretInConfig(where: string, look: string): TerminalError {
  return new TerminalError('secret_in_config', `${where} ${look}. Plain values are visible to everyone who can read the log or a config version.`,
    { hint: 'Declare it as NAME = { secret = true } under [env] and give the value to the program where it runs; change it, now that it has been in a source. A name that is no secret needs another ending than TOKEN, KEY or PASSWORD.' });
}

/** @throws TerminalError `secret_in_config`. */
export function refuseSecretText(where: string, text: string): void {
  const look = secretShape(text);
  if (look !== undefined) throw secretInConfig(where, look);
}
