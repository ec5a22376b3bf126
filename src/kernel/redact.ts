/** What stands where a secret stood. */
export const redacted = '[redacted]';

/** Secrets that are known by their shape, whatever stands around them. */
const shapes: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|$)/g,
  // AWS, Google, Stripe, `sk-` keys of model services, Hugging Face, Docker, PyPI.
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,}/g,
  /\bsk-[\w-]{20,}/g,
  /\bhf_[A-Za-z0-9]{20,}/g,
  /\bdckr_pat_[\w-]{20,}/g,
  /\bpypi-[\w-]{50,}/g,
  // GitHub, GitLab, Slack, Buildkite, npm.
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-[\w-]{16,}/g,
  /\bxox[abceoprs]-[\w-]{10,}/g,
  /\bxapp-[\w-]{10,}/g,
  /\bhooks\.slack\.com\/services\/[\w/]+/g,
  /\bbk[a-z]{2,3}_[A-Za-z0-9]{16,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  // JSON web tokens, NATS seeds, the credentials Millrace gives its jobs.
  /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)*/g,
  /\bS[UAONCX][A-Z2-7]{56}\b/g,
  /\bmrj1\.[\w-]+\.[\w-]+/g,
];

/** Names whose values are secret. Bounded on both sides, so that a long line costs no more than its length. */
const secretName = String.raw`passw(?:or)?d|passphrase|\bpwd|_pwd|secret|credentials?|api[-_. ]?key|access[-_. ]?key|private[-_. ]?key|signing[-_. ]?key|encryption[-_. ]?key|auth[-_]?key`;
const notYet = String.raw`(?!\[redacted\])`;
const letter = String.raw`(?:${notYet}[^\s,;&"'}\])])`;
const value = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|${letter}+`;

/** Secrets that are known by what stands before them; that stays. */
const introduced: readonly RegExp[] = [
  new RegExp(String.raw`((?:${secretName})[\w.-]{0,40}["']?\s{0,4}(?:=>|:|=(?!>))\s{0,4})${notYet}(?:${value})`, 'gi'),
  // A word as common as "token" needs a value that can be one.
  new RegExp(String.raw`(token[\w.-]{0,40}["']?\s{0,4}(?:=>|:|=(?!>))\s{0,4})${notYet}(?:"[^"]{8,}"|'[^']{8,}'|${letter}{8,})`, 'gi'),
  new RegExp(String.raw`(--?[\w-]{0,40}(?:${secretName}|token)[\w-]{0,40}\s{1,4})${notYet}(?!-)(?:${value})`, 'gi'),
  /(\b(?:proxy-)?authorization["']?\s{0,4}[:=]\s{0,4}["']?)(?:[A-Za-z][\w-]{1,20}\s+)?[^\s"',;]+/gi,
  /(\b(?:bearer|basic)\s+)[\w.~+/=-]{12,}/gi,
  /(\b(?:set-)?cookie["']?\s{0,4}:\s{0,4})[^\r\n]+/gi,
];

/** `scheme://user:password@host` and `scheme://token@host`: the host stays. */
const urlUser = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)(?:[^\s/@:'"]{1,400}|[^\s/@:'"]{0,400}:[^\s'"]{1,400})@/gi;

/** A test that costs next to nothing, and fails for almost every text: whatever is found below has one of these in it. */
const suspicious = new RegExp([
  '-----BEGIN', 'A(?:KIA|SIA|BIA|CCA|Iza)', '[rs]k[-_]', 'hf_', 'dckr_pat_', 'pypi-', 'gh[pousr]_', 'github_pat_',
  'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-', 'xox[a-z]-', 'xapp-', 'hooks[.]slack', 'bk[a-z]{2,3}_', 'npm_', 'eyJ', 'S[UAONCX][A-Z2-7]{56}', 'mrj1[.]',
  'pass(?:w|phrase)', 'pwd', 'secret', 'credential', 'key', 'token', 'authorization', 'bearer', 'basic', 'cookie', String.raw`://\S{1,900}@`,
].join('|'), 'i');

/** The shortest thing with a secret in it is `pwd=x`. */
const mayHold = (text: string): boolean => text.length >= 5 && suspicious.test(text);

/**
 * The text without secrets: known shapes (keys and tokens of common services, private keys, JSON web tokens,
 * user and password in an address, Authorization headers, `password=` and the like), and the `values` given,
 * as they are, in base64 and as part of an address. Pure; what was redacted once stays as it is.
 */
export function redact(text: string, values: readonly string[] = []): string {
  if (values.length === 0 && !mayHold(text)) return text;
  let clean = text;
  for (const secret of exact(values)) clean = clean.replaceAll(secret, redacted);
  clean = clean.replace(urlUser, `$1${redacted}@`);
  for (const shape of shapes) clean = clean.replace(shape, redacted);
  for (const pattern of introduced) clean = clean.replace(pattern, `$1${redacted}`);
  return clean;
}

/** A shorter value is too likely to be an ordinary word. */
const shortest = 6;

/** The longest first: a secret may hold another one. */
function exact(values: readonly string[]): readonly string[] {
  const all = values.flatMap((secret) => [secret, ...secret.split('\n').map((line) => line.trim())])
    .filter((secret) => secret.length >= shortest && secret !== redacted && !redacted.includes(secret));
  const forms = all.flatMap((secret) => [secret, inAddress(secret), Buffer.from(secret, 'utf8').toString('base64')]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function inAddress(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    // Half a surrogate pair cannot stand in an address.
    return secret;
  }
}

const secretVariable = new RegExp(String.raw`${secretName}|token|_key$|^key$|_pass$|_auth$|_dsn$|_cookie|webhook`, 'i');

/** Does a variable or a field of this name hold a secret? */
export const looksSecret = (name: string): boolean => secretVariable.test(name);

const credential = /passw(?:or)?d|passphrase|^secret$|(?:client|api|app|shared|webhook)[-_]?secret|(?:api|access|private|signing|encryption)[-_.]?key|(?:access|auth|refresh|bearer|api)[-_]?token|authorization/i;

/** A variable of an environment, such as DEPLOY_TOKEN. */
const credentialVariable = /^[A-Z][A-Z0-9_]*_(?:TOKEN|SECRET|PASS)$/;

/**
 * Is a text under this name a credential, whatever it looks like? Narrower than {@link looksSecret}, for records:
 * an id called `key` or a lease called `token` must reach the chart as it is.
 */
export const namesCredential = (name: string): boolean => credential.test(name) || credentialVariable.test(name);

/** The values of the variables whose names say that they are secret: to be given to {@link redact}. */
export const secretValues = (env: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(env).flatMap(([name, secret]) => (secret !== undefined && looksSecret(name) ? [secret] : []));
