import { describe, expect, it } from 'vitest';
import { access, isLoopback, ownNames, requireHostName } from '../../../src/console/server/access.ts';
import { refusal } from '../../../src/adapters/inspector/gate.ts';

const secret = 'a-token-nobody-guesses';
const cookieOf = (entered: ReturnType<ReturnType<typeof access>['enter']>): string => (typeof entered === 'object' ? entered.cookie : '').split(';')[0] ?? '';

describe('who may use the console', () => {
  it('given no token, then it is whoever runs it', () => {
    expect(access({ tokens: [], by: 'ann (console)', port: 1 }).who({ headers: {} })).toBe('ann (console)');
  });

  it('given a token, then nobody is let in without its cookie, which no script reads and no other site sends', () => {
    const entry = access({ tokens: [{ name: 'ops', secret }], by: 'x', port: 7 });
    expect(entry.who({ headers: {} })).toBeUndefined();
    expect(entry.enter('a-token-nobody-guessed')).toBeUndefined();
    const entered = entry.enter(secret);
    expect(entered).toEqual({ cookie: expect.stringMatching(/^millrace_7=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/) as string });
    expect(JSON.stringify(entered)).not.toContain(secret);
    expect(entry.who({ headers: { cookie: `other=1; ${cookieOf(entered)}` } })).toBe('ops');
    expect(entry.who({ headers: { cookie: `millrace_7=${secret}` } })).toBeUndefined();
    expect(access({ tokens: [{ name: 'ops', secret }], by: 'x', port: 7 }).who({ headers: { cookie: cookieOf(entered) } })).toBeUndefined();
  });

  it('given somebody who guesses, then after twenty wrong ones in a minute not even the right one is taken', () => {
    let at = 0;
    const entry = access({ tokens: [{ name: 'ops', secret }], by: 'x', port: 7, now: () => at });
    for (let i = 0; i < 20; i++) expect(entry.enter(`guess-${i}`)).toBeUndefined();
    expect(entry.enter(secret)).toBe('later');
    at = 61_000;
    expect(entry.enter(secret)).toHaveProperty('cookie');
  });
});

describe('the names of the console', () => {
  it.each([
    ['127.0.0.1', { host: '127.0.0.1:80' }, true], ['127.0.0.1', { host: 'localhost:80', origin: 'http://localhost:80' }, true], ['127.0.0.1', { host: '[::1]:80' }, true],
    ['127.0.0.1', { host: 'evil.example:80' }, false], ['127.0.0.1', { host: '127.0.0.1:81' }, false], ['127.0.0.1', {}, false],
    ['127.0.0.1', { host: 'localhost:80', origin: 'http://localhost:81' }, false], ['127.0.0.1', { host: 'localhost:80', origin: 'null' }, false],
    ['10.1.2.3', { host: '10.1.2.3:80' }, true], ['10.1.2.3', { host: 'localhost:80' }, false],
    ['10.1.2.3', { host: 'ci.example', origin: 'https://ci.example' }, true], ['10.1.2.3', { host: 'other.example', origin: 'https://other.example' }, false],
  ])('given that it listens on %s and a proxy calls it ci.example, when a request says %j, then it is served: %s', (host, headers, served) => {
    const own = ownNames(host, 80, host === '127.0.0.1' ? [] : ['ci.example']);
    expect(refusal({ headers }, own) === undefined).toBe(served);
  });

  it.each([
    ['http://x/y', 'such as x'], ['https://ci.example:8443', 'such as ci.example:8443'], ['CI.example', 'such as ci.example'], ['ci.example/', 'such as ci.example'], ['a b', 'such as builds.example:8443'], ['', 'such as builds.example:8443'],
  ])('given a proxy that is called %j, which no browser says, then that is refused with what would be right', (name, hint) => {
    expect(() => { requireHostName(name); }).toThrow(expect.objectContaining({ code: 'bad_name', hint: expect.stringContaining(hint) as string }) as Error);
  });

  it('given a name with a port, without one, and with a usual one, then each is taken', () => {
    for (const name of ['ci.example:8443', 'ci.example', 'ci.example:80', 'ci.example:443', '[::1]:9', '10.0.0.1:7373']) requireHostName(name);
  });

  it('given an address, then only this machine\'s own loopback is taken for one', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example'].some(isLoopback)).toBe(false);
  });
});
