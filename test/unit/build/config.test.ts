import { describe, expect, test } from 'vitest';
import { TerminalError } from '../../../src/kernel/errors.ts';
import { mergeConfig } from '../../../src/machines/build/config/merge.ts';
import { parseProcfile } from '../../../src/machines/build/config/procfile.ts';
import type { ConfigSpec } from '../../../src/machines/build/config/spec.ts';
import { parseProjectFile } from '../../../src/machines/build/config/toml.ts';
import { validateConfig } from '../../../src/machines/build/config/validate.ts';
import { buildInput } from '../../../src/machines/build/input.ts';

const refusal = (work: () => unknown): TerminalError => {
  try {
    work();
  } catch (error) {
    if (error instanceof TerminalError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};
const token = ['ghp', 'a'.repeat(36)].join('_');
const config = (toml: string, procfile = 'web: ./server', given = {}, existing?: ConfigSpec): ConfigSpec =>
  mergeConfig({ file: parseProjectFile(toml), procfile: parseProcfile(procfile), stackServices: {}, given, existing });
const check = (toml: string, procfile?: string, given?: Record<string, string>) => () => { validateConfig(config(toml, procfile, given)); };

describe('given a millrace.toml that is wrong', () => {
  test.each([
    ['[build\ncommand = "x"', 'bad_config', /line 1, column \d+/],
    ['[build]\ncommand = "make"\n[env]\nA = oops', 'bad_config', /line 4, column \d+/],
    ['[build]\ncomand = "make"', 'bad_config', /build: .*comand/],
    ['[bild]', 'bad_config', /bild/],
    ['[build]\nstack = "cobol"', 'bad_config', /build\.stack/],
    ['[build]\ncommand = "  "', 'bad_config', /build\.command: A command must not be empty/],
    ['[build]\ntimeout_seconds = 0', 'bad_config', /build\.timeout_seconds/],
    ['[services]\nweb = "x"', 'bad_config', /services\.web/],
    ['[services."a b"]\ncommand = "x"', 'bad_config', /A name is 1 to 63/],
    ['[env]\nPORT = 8080', 'bad_config', /env\.PORT: Must be "text"/],
    ['[env]\n"9X" = "a"', 'bad_config', /does not start with a digit/],
    ['[env]\nA = { secret = true, value = "x" }', 'bad_config', /env\.A/],
    ['[addons]\ncache = "redis"', 'bad_config', /addons\.cache/],
    ['[env]\nDB_PASSWORD = "hunter2"', 'secret_in_config', /env\.DB_PASSWORD is named like a secret/],
    [`[env]\nNOTE = "${token}"`, 'secret_in_config', /env\.NOTE holds a GitHub token/],
    [`[build]\ncommand = "curl -u ${token} x"`, 'secret_in_config', /build\.command holds/],
    ['[services.web]\ncommand = "run --db postgres://me:pass@host/db"', 'secret_in_config', /services\.web\.command holds an address/],
  ])('when it says %j, then it is refused with %s and the place', (toml, code, message) => {
    const error = refusal(() => parseProjectFile(toml));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });

  test('when the refusal is written down, then it does not repeat the secret', () => {
    for (const toml of [`[env]\nTOKEN = "${token}"`, `[env]\nTOKEN = "${token}" oops`]) {
      const error = refusal(() => parseProjectFile(toml));
      expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain(token);
    }
  });
});

describe('given a millrace.toml that is right', () => {
  test('when it is empty or missing, then nothing is set', () => {
    const nothing = { build: {}, services: {}, env: {}, volumes: {}, addons: {} };
    expect(parseProjectFile('')).toEqual(nothing);
    expect(parseProjectFile(undefined)).toEqual(nothing);
  });

  test('when names merely resemble secrets, then they are taken', () => {
    expect(config('[env]\nTOKEN_TTL = "5"\nKEYBOARD = "de"\nURL = "http://host/a@b"\nDB_PASSWORD = { secret = true }\n'))
      .toMatchObject({ env: { TOKEN_TTL: { value: '5' }, KEYBOARD: { value: 'de' } }, secrets: ['DB_PASSWORD'] });
  });
});

describe('given a Procfile', () => {
  test('when it is right, then each line is a process, comments and blanks aside', () => {
    expect(parseProcfile('# hello\n\nweb: node server.mjs --port 1\r\nworker:./w\n')).toEqual({ web: 'node server.mjs --port 1', worker: './w' });
  });
  test.each([
    ['web', 'bad_procfile', 'Procfile line 1'], ['a: b\nweb:', 'bad_procfile', 'Procfile line 2'],
    ['web: a\nweb: b', 'bad_procfile', 'a second time'], [`web: x ${token}`, 'secret_in_config', 'Procfile line 1'],
  ])('when it says %j, then it is refused with %s', (text, code, message) => {
    expect(refusal(() => parseProcfile(text))).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('given several sources of a config', () => {
  test('when both files name a service, then millrace.toml wins and the others stay', () => {
    expect(config('[services.web]\ncommand = "b"\nports = [80]', 'web: a\nworker: w').services)
      .toEqual({ web: { command: 'b', ports: [80] }, worker: { command: 'w', ports: [] } });
  });

  test('when nobody names one, then the stack does', () => {
    const merged = mergeConfig({ file: parseProjectFile(''), procfile: {}, stackServices: { web: { command: 's', ports: [] } }, given: {}, existing: undefined });
    expect(merged.services).toEqual({ web: { command: 's', ports: [] } });
  });

  test('when a value is given, then it wins and is remembered; an empty one takes it back', () => {
    const first = config('[env]\nA = "file"\nB = "file"', undefined, { A: 'given' });
    expect(first.env).toEqual({ A: { value: 'given', from: 'given' }, B: { value: 'file', from: 'file' } });
    expect(config('[env]\nA = "file"', undefined, {}, first).env).toEqual({ A: { value: 'given', from: 'given' } });
    expect(config('[env]\nA = "file"', undefined, { A: '' }, first).env).toEqual({ A: { value: 'file', from: 'file' } });
  });

  test('when a value is given for what the source declares a secret, then it is refused', () => {
    expect(refusal(() => config('[env]\nDSN = { secret = true }', undefined, { DSN: 'x' })).code).toBe('secret_in_config');
  });

  test('when what was given once is declared a secret now, then the old value is dropped', () => {
    const first = config('', undefined, { DSN: 'x' });
    expect(config('[env]\nDSN = { secret = true }', undefined, {}, first)).toMatchObject({ env: {}, secrets: ['DSN'] });
  });
});

describe('given a config that cannot work', () => {
  test.each([
    ['nothing to run', check('', ''), 'no_service', /no service and no process/],
    ['a required value missing', check('[env]\nREGION = { required = true }\nZONE = { required = true }'), 'missing_env', /REGION, ZONE/],
    ['port 0', check('[services.a]\ncommand = "x"\nports = [0]'), 'bad_port', /a: 0 is no port/],
    ['half a port', check('[services.a]\ncommand = "x"\nports = [80.5]'), 'bad_port', /a: 80.5/],
    ['a port too far', check('[services.a]\ncommand = "x"\nports = [65536]'), 'bad_port', /65536/],
    ['a port twice', check('[services.a]\ncommand = "x"\nports = [80]\n[services.b]\ncommand = "y"\nports = [80]'), 'bad_port', /b: 80 is taken by a/],
    ['a relative volume', check('[volumes.d]\npath = "data"\nsize_mb = 5'), 'bad_volume', /d: "data"/],
    ['a volume that climbs', check('[volumes.d]\npath = "/a/../b"\nsize_mb = 5'), 'bad_volume', /absolute folder/],
    ['a volume over everything', check('[volumes.d]\npath = "/"\nsize_mb = 5'), 'bad_volume', /absolute folder/],
    ['a volume of nothing', check('[volumes.d]\npath = "/d"\nsize_mb = 0'), 'bad_volume', /0 MB/],
    ['two volumes in one place', check('[volumes.d]\npath = "/d"\nsize_mb = 1\n[volumes.e]\npath = "/d"\nsize_mb = 1'), 'bad_volume', /e: \/d is the folder of d/],
  ])('when it has %s, then it is refused and all is named', (_what, work, code, message) => {
    const error = refusal(work);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });

  test('when all is well, then it passes', () => {
    expect(check('[services.a]\ncommand = "x"\nports = [80, 443]\n[env]\nREGION = { required = true }\n[volumes.d]\npath = "/var/data"\nsize_mb = 5', '', { REGION: 'eu' })).not.toThrow();
  });
});

describe('given the command that starts a build', () => {
  const input = { app: 'shop', source: 'a'.repeat(64) };
  test('when it is the least, then the process runner builds', () => {
    expect(buildInput.parse(input)).toEqual({ ...input, runner: 'process' });
  });
  test.each([
    [{ app: 'a.b' }], [{ app: '../x' }], [{ app: 'Shop' }], [{ app: '' }], [{ source: 'zz' }], [{ runner: 'a b' }], [{ env: { 'A-B': 'x' } }],
    [{ env: { A: 5 } }], [{ colour: 'red' }], [{ env: { API_KEY: 'x' } }], [{ env: { NOTE: token } }],
  ])('when it says %j, then it is refused before anything is stored, and says no value', (wrong) => {
    const parsed = buildInput.safeParse({ ...input, ...wrong });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).not.toContain(token);
  });
});
