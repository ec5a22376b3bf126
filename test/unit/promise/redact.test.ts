import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksSecret, redact, redacted, secretValues } from '../../../src/kernel/redact.ts';
import { safeReason } from '../../../src/machines/promise/reason.ts';

// Put together here, so that no scanner takes the test for a leak.
const made = (...parts: readonly string[]): string => parts.join('');
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const shapes: readonly (readonly [string, string])[] = [
  ['an AWS key id', made('AK', 'IA', 'IOSFODNN7EXAMPLE')],
  ['a GitHub token', made('gh', 'p_', letters.slice(0, 36))],
  ['a fine-grained GitHub token', made('github', '_pat_', letters.slice(0, 40))],
  ['a GitLab token', made('gl', 'pat-', letters.slice(0, 20))],
  ['a Slack token', made('xo', 'xb-', '123456789012-', letters.slice(0, 20))],
  ['a Slack hook', made('hooks.slack', '.com/services/', 'T000/B000/XXXX')],
  ['a Buildkite token', made('bk', 'ua_', letters.slice(0, 40))],
  ['an npm token', made('np', 'm_', letters.slice(0, 36))],
  ['a JSON web token', made('ey', 'JhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0NTY3ODkwIn0.', letters.slice(0, 40))],
  ['a NATS seed', made('SU', 'A'.repeat(56))],
  ['a job\'s credential', made('mr', 'j1.', letters.slice(0, 30), '.', letters.slice(0, 43))],
  ['a private key', made('-----BEGIN RSA ', 'PRIVATE KEY-----\n', letters, '\n', letters, '\n-----END RSA PRIVATE KEY-----')],
  ['a private key cut off', made('-----BEGIN ', 'PRIVATE KEY-----\n', letters)],
];

describe('redact', () => {
  it.each(shapes)('given %s in a text, then it is gone and the rest stays', (_what, secret) => {
    expect(redact(`before ${secret}`)).toBe(`before ${redacted}`);
    expect(redact(`x="${secret}"`)).not.toContain(secret);
  });

  it.each([
    ['https://user:pa55@example.com/path', `https://${redacted}@example.com/path`],
    ['nats://s3cr3t@127.0.0.1:4222', `nats://${redacted}@127.0.0.1:4222`],
    ['postgres://app:p@ss@db:5432/x', `postgres://${redacted}@db:5432/x`],
    ['Authorization: Bearer abc', `Authorization: ${redacted}`],
    ['"authorization": "Basic dXNlcjpwYXNz"', `"authorization": "${redacted}"`],
    ['curl -H "Authorization: token abcdef"', `curl -H "Authorization: ${redacted}"`],
    ['sent Bearer abcdefghijklmnop to it', `sent Bearer ${redacted} to it`],
    ['password=hunter2 failed', `password=${redacted} failed`],
    ['DB_PASSWORD: "hun ter2", next', `DB_PASSWORD: ${redacted}, next`],
    ['{"api_key":"abc","name":"x"}', `{"api_key":${redacted},"name":"x"}`],
    ['AWS_SECRET_ACCESS_KEY=abc/def+g', `AWS_SECRET_ACCESS_KEY=${redacted}`],
    ['login --password hunter2 --user me', `login --password ${redacted} --user me`],
    ['NPM_TOKEN=abcdefgh12345', `NPM_TOKEN=${redacted}`],
    ['Set-Cookie: sid=abc; Path=/', `Set-Cookie: ${redacted}`],
  ])('given %s, then what is secret in it is gone', (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it.each([
    'expected 3 to be 4 at src/app.test.ts:12:5',
    'Unexpected token: }', 'the password was wrong', 'https://example.com:8080/a/b?c=d', 'mail to someone@example.com',
    'commit 9d0c1f4cf1d1c21ba6ea32c9c3f6ef4f8b9ef5d1 is bad', 'run/b42 has promised exit status 3',
  ])('given the harmless %s, then it stays', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('given the values of secret variables, then they are gone as they are, in base64, in an address, and line by line', () => {
    const env = { DEPLOY_TOKEN: 'correct horse', DB_PASS: 'a/b+c=d&e', HOME: '/home/me', CI_KEY: 'line one\nline two' };
    const values = secretValues(env);
    const text = `correct horse ${Buffer.from('correct horse').toString('base64')} ${encodeURIComponent('a/b+c=d&e')} line two /home/me`;
    expect(redact(text, values)).toBe(`${redacted} ${redacted} ${redacted} ${redacted} /home/me`);
  });

  it('given a value too short to be a secret, then ordinary words stay', () => {
    expect(redact('it is true', secretValues({ USE_TOKEN: 'true' }))).toBe('it is true');
  });

  it('given names, then those that hold secrets are known', () => {
    expect(['GITHUB_TOKEN', 'npm_config_password', 'STRIPE_API_KEY', 'SLACK_WEBHOOK', 'SENTRY_DSN'].every(looksSecret)).toBe(true);
    expect(['PATH', 'HOME', 'CI', 'MILLRACE_BUILD', 'MONKEY', 'NODE_ENV'].some(looksSecret)).toBe(false);
  });

  it('given any text, when it is redacted twice, then the second time changes nothing', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom(...shapes.map(([, secret]) => secret), 'password=', 'token: ', 'Authorization: Bearer ', 'https://a:b@', '"', "'", '[redacted]', ' ', '\n', 'Cookie: '));
    fc.assert(fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.string({ minLength: 6 }), { maxLength: 3 }), (words, values) => {
      const once = redact(words.join(''), values);
      expect(redact(once, values)).toBe(once);
    }), { numRuns: 500, examples: [[['password=>', 'hunter2'], []], [['token: ', 'Cookie: ', 'a'], []], [['password=ab', 'sesame!'], ['sesame!']]] });
  });

  it('given a very long line of any kind, then it is redacted in a moment', () => {
    const began = performance.now();
    for (const unit of ['a', 'password', 'token=', '://', 'a:b@', '--', 'eyJ', '"', ' ', '=', 'x-', 'https://a', 'Cookie']) redact(unit.repeat(100_000 / unit.length));
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('given a reason longer than a page, then it is cut, and a secret is not cut in half before it is found', () => {
    const reason = safeReason(`${'x'.repeat(980)} ${made('gh', 'p_', letters.slice(0, 36))}`);
    expect(reason.length).toBeLessThanOrEqual(1000);
    expect(reason).not.toContain('ghp_');
  });

  it.each([
    ['colours', '\u001b[1;31mFAIL\u001b[0m login', 'FAIL login'],
    ['a title for the terminal, and a link', '\u001b]0;mine now\u0007ok \u001b]8;;https://x\u001b\\here\u001b]8;;\u001b\\', 'ok here'],
    ['a line that overwrites another, and a bell', '10 %\r20 %\r\nend\u0007\u0000\u009b2J', '10 %\n20 %\nend'],
    ['half of a character', 'a\ud800b\udc00 \u{1f600}', 'ab \u{1f600}'],
    ['a secret in two colours', 'password=\u001b[1mhun\u001b[0mter2', 'password=[redacted]'],
    ['several lines with tabs', ' one\n\ttwo ', 'one\n\ttwo'],
  ])('given a reason with %s, then a person reads its text, and nothing else reaches their terminal', (_what, given, shown) => {
    expect(safeReason(given)).toBe(shown);
    expect(safeReason(shown)).toBe(shown);
  });

  it('given a reason that is cut in the middle of a character, then that character goes', () => {
    expect(safeReason('\u{1f600}'.repeat(600))).toBe(`${'\u{1f600}'.repeat(499)}…`);
  });
});
