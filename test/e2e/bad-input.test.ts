import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { connect as connectNats, headers, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { connect, type Millrace } from '../../src/connect.ts';
import { callHere } from '../support/call-here.ts';
import { run } from '../support/cli.ts';
import { eventually } from '../support/broker.ts';
import { rig, type Rig } from '../support/rig.ts';
import { tarOf } from '../unit/sources/support/archives.ts';

// Many real processes, on machines that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let mill: Rig;
let nc: NatsConnection;
let millrace: Millrace;

const goodBuild = async (id: string): Promise<unknown> =>
  (await mill.run('build', await mill.project('good'), '--app', 'good', '--id', id, '-o', 'json')).json;

beforeAll(async () => {
  mill = await rig();
  [nc, millrace] = await Promise.all([connectNats({ servers: mill.url }), connect({ servers: mill.url })]);
  await goodBuild('before');
});
afterAll(async () => {
  await nc.close();
  await millrace.close();
  await mill.end();
});

const wrong: readonly (readonly [story: string, args: readonly string[], code: string, exit: number])[] = [
  ['an id with a dot', ['send', 'build/x.y', 'stop'], 'bad_actor_name', 2],
  ['an id with a wildcard', ['show', 'build/*'], 'bad_actor_name', 2],
  ['an id with a blank', ['history', 'build/a b'], 'bad_actor_name', 2],
  ['an id with a slash', ['logs', 'build/a/b'], 'bad_actor_name', 2],
  ['an id that is not ASCII', ['watch', 'build/é'], 'bad_actor_name', 2],
  ['no id', ['cancel', 'build/'], 'bad_actor_name', 2],
  ['a type with a wildcard', ['ls', '>'], 'bad_type', 2],
  ['a command with a dot', ['send', 'build/before', 'st.op'], 'bad_command_name', 2],
  ['a command id with a blank', ['send', 'build/before', 'stop', '--id', 'a b'], 'bad_option', 2],
  ['a body that is no JSON', ['send', 'build/before', 'stop', '{nope'], 'bad_json', 2],
  ['a body that is no object', ['send', 'build/before', 'stop', '[]'], 'bad_body', 2],
  ['an app with a slash', ['build', '.', '--app', '../x'], 'bad_app_name', 2],
  ['no app', ['build', '.'], 'bad_usage', 2],
  ['no such command', ['frobnicate'], 'bad_usage', 2],
  ['no such option', ['ls', '--frobnicate'], 'bad_usage', 2],
  ['no such status', ['ls', '--status', 'asleep'], 'bad_option', 2],
  ['no such actor', ['history', 'build/nobody'], 'no_such_actor', 2],
  ['the logs of no such actor', ['logs', 'build/nobody'], 'no_such_actor', 2],
  ['the audit of no such actor', ['audit', 'verify', 'build/nobody'], 'no_such_actor', 2],
  ['a type of actors for one of records', ['audit', 'export', '--type', 'build'], 'bad_option', 2],
  ['an actor for a type of records', ['audit', 'export', '--type', 'build/before'], 'bad_option', 2],
  ['a time that ends before it begins', ['audit', 'export', '--since', '2026-02-01', '--until', '2026-01-01'], 'bad_option', 2],
  ['an address for the name of a console', ['console', '--no-open', '--port', '0', '--name', 'http://builds.example/y'], 'bad_name', 2],
  ['a machine nobody told us of', ['show', 'frob/x'], 'unknown_type', 2],
  ['a record that is not there yet', ['replay', 'build/before', '--to', '99'], 'no_such_record', 2],
  ['a record that is no number', ['replay', 'build/before', '--to', 'x'], 'bad_option', 2],
  ['an unknown dead letter to show', ['dead', 'show', 'nope'], 'unknown_dead_letter', 2],
  ['an unknown dead letter to retry', ['dead', 'retry', 'nope'], 'unknown_dead_letter', 2],
  ['an unknown dead letter to drop', ['dead', 'drop', 'nope'], 'unknown_dead_letter', 2],
  ['a module with no machines', ['--machines', join('scripts', 'lock.mjs'), 'show', 'frob/x'], 'bad_machines', 2],
];

describe('given a call that is wrong', () => {
  test.each(wrong)('when it is %s, then it says so and what would have been right', async (_story, args, code, exit) => {
    const { error, code: exited } = await callHere(mill.url, args);
    expect(error).toMatchObject({ code, retryable: false, hint: expect.stringMatching(/.{10}/) as string });
    expect(exited).toBe(exit);
  });

  test.concurrent.each([
    ['the parser', ['ls', '--frobnicate'], 'bad_usage'],
    ['a command', ['history', 'build/nobody'], 'no_such_actor'],
  ])('when %s finds it in a program of its own, then the error is JSON on standard error, and the exit code is 2', async (_who, args, code) => {
    const { error, stdout, code: exited } = await mill.run(...args, '-o', 'json');
    expect(error).toMatchObject({ code, retryable: false, hint: expect.stringMatching(/.{10}/) as string });
    expect([stdout, exited]).toEqual(['', 2]);
  });

  test('when it is told in text, then it is a sentence, its code and a hint, on standard error', async () => {
    const { stdout, stderr } = await mill.run('history', 'build/nobody');
    expect(stdout).toBe('');
    expect(stderr).toBe('millrace: there is no build/nobody [no_such_actor]\n  see `millrace ls` for the actors there are\n');
  });
});

describe('given a command that cannot be taken', () => {
  const refusals: readonly (readonly [story: string, args: readonly string[], code: string, allowed: readonly string[]])[] = [
    ['for an actor that does not exist', ['send', 'build/nobody', 'stop'], 'no_such_actor', ['trigger']],
    ['that the chart cannot take now', ['stop', 'build/before'], 'actor_ended', []],
    ['whose body the schema does not want', ['send', 'build/before', 'stop', '{"why":1}'], 'bad_body', []],
    ['whose input the schema does not want', ['send', 'build/n1', 'trigger', '{"app":1}'], 'bad_body', []],
    ['that is a fact of the workers', ['send', 'build/before', '_timer', '{}'], 'bad_body', []],
  ];
  test.concurrent.each(refusals)('when it is one %s, then it is refused with exit 3 and what would be taken', async (_story, args, code, allowed) => {
    const { json, code: exited } = await mill.run(...args, '-o', 'json');
    expect(json).toMatchObject({ accepted: false, code, allowed, reason: expect.stringMatching(/\w+ \w+/) as string });
    expect(exited).toBe(3);
  });

  test('when nobody carries its type, then it says so and for which type, and the command waits', async () => {
    const { code, error } = await mill.run('send', 'frob/f1', 'create', '--timeout', '1', '--id', 'waits', '-o', 'json');
    expect(code).toBe(4);
    expect(error).toMatchObject({ code: 'nobody_carries', retryable: true, message: 'no worker that carries "frob" is there to answer "create" for frob/f1' });
    expect(error?.hint).toContain('millrace worker');
  });
});

describe('given one command id', () => {
  test('when it is sent again, then both get the first one\'s answer and one record is made', async () => {
    const built = await mill.run('build', await mill.project('twice', { seconds: 20 }), '--app', 'twice', '--id', 'twice', '--detach', '-o', 'json');
    expect(built.code).toBe(0);
    const both = await Promise.all([mill.run('send', 'build/twice', 'cancel', '--id', 'c1', '-o', 'json'), mill.run('send', 'build/twice', 'cancel', '--id', 'c1', '-o', 'json')]);
    const later = await mill.run('send', 'build/twice', 'cancel', '--id', 'c1', '-o', 'json');
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both[1].json).toEqual(both[0].json);
    // The request may have settled by then: it is the same one.
    const { seq, request } = both[0].json as { seq: number; request: { id: string } };
    expect(later.json).toMatchObject({ accepted: true, seq, request: { id: request.id } });
    const records = (await mill.run('history', 'build/twice', '-o', 'json')).lines as { cause: string }[];
    expect(records.filter(({ cause }) => cause === 'c1')).toHaveLength(1);
  });
});

describe('given garbage published with nothing but a NATS client', () => {
  interface Letter { readonly id: string; readonly subject: string; readonly code: string; readonly reason: string; readonly hint?: string }
  const count = async (): Promise<number> => (await (await jetstreamManager(nc)).streams.info('MILLRACE_DEAD')).state.messages;
  const letters = async (): Promise<readonly Letter[]> => (await mill.run('dead', 'ls', '-o', 'json')).json as readonly Letter[];

  test('then each becomes a dead letter with a code and a reason, and nothing else is disturbed', async () => {
    const js = jetstream(nc);
    const garbage: readonly (readonly [subject: string, body: string | Uint8Array, code: string])[] = [
      ['millrace.cmd.build.before.stop', 'not json', 'bad_json'],
      ['millrace.cmd.build.before.start', new Uint8Array([0xff, 0xfe, 0x00]), 'bad_json'],
      ['millrace.cmd.build.before.cancel', '[1]', 'bad_body'],
      ['millrace.cmd.build.g1.trigger', '{"app":"x"}', 'bad_body'],
      ['millrace.cmd.build.g2.trigger', '{"type":"x"}', 'bad_body'],
      ['millrace.cmd.build.nobody.stop', '{}', 'no_such_actor'],
      ['millrace.cmd.build.before.stop2', '{}', 'actor_ended'],
      ['millrace.cmd.build.before._child', '{}', 'bad_body'],
      ['millrace.cmd.build.before._create', '{"input":{}}', 'bad_body'],
      ['millrace.cmd.build', '{}', 'bad_subject'],
      ['millrace.cmd.build.before', '{}', 'bad_subject'],
      ['millrace.cmd.build.before.stop.now', '{}', 'bad_subject'],
      ['millrace.cmd.build.b$fore.stop', '{}', 'bad_subject'],
    ];
    const before = await count();
    for (const [subject, body] of garbage) await js.publish(subject, body);
    await eventually(async () => (await count()) === before + garbage.length, 20_000);
    const found = (await letters()).slice(before);
    for (const [subject, , code] of garbage) {
      const letter = found.find((one) => one.subject === subject);
      expect(letter).toMatchObject({ subject, code, reason: expect.stringMatching(/\w+ \w+/) as string });
      expect(letter?.hint).toMatch(/\w+ \w+/);
    }
    const table = await mill.run('dead', 'ls');
    expect(table.stdout).toMatch(/^ID +SUBJECT +CODE +AT +REASON$/m);
  });

  test('when the cause is gone and it is retried, then it is taken', async () => {
    const made = headers();
    made.set('Nats-Msg-Id', 'early');
    const letter = 'build/late/cancel#early';
    await jetstream(nc).publish('millrace.cmd.build.late.cancel', '{"reason":"too early"}', { headers: made });
    await eventually(async () => (await millrace.dead.list()).some(({ id }) => id === letter), 20_000);
    const shown = await mill.run('dead', 'show', letter, '-o', 'json');
    expect(shown.json).toMatchObject({ id: letter, code: 'no_such_actor', body: '{"reason":"too early"}' });
    await mill.run('build', await mill.project('late', { seconds: 20 }), '--app', 'late', '--id', 'late', '--detach');
    expect((await mill.run('dead', 'retry', letter, '-o', 'json')).json).toEqual({ id: letter, retried: true });
    const ended = await mill.run('build', await mill.project('late', { seconds: 20 }), '--app', 'late', '--id', 'late', '-o', 'json');
    expect(ended.json).toMatchObject({ status: 'cancelled' });
    expect((await letters()).some(({ id }) => id === letter)).toBe(false);
  });

  test('when it is retried in vain, then it is a dead letter again; when dropped, it is gone', async () => {
    const refused = await mill.run('send', 'build/before', 'stop', '{"why":2}', '--id', 'vain', '-o', 'json');
    expect(refused.code).toBe(3);
    expect((await mill.run('dead', 'retry', 'build/before/stop#vain')).stdout).toBe('build/before/stop#vain retried\n');
    const isAgain = ({ id, subject }: Pick<Letter, 'id' | 'subject'>): boolean => id.includes('#retry-') && subject === 'millrace.cmd.build.before.stop';
    await eventually(async () => (await millrace.dead.list()).some(isAgain), 20_000);
    const id = (await letters()).find(isAgain)?.id ?? '';
    expect((await mill.run('dead', 'drop', id)).stdout).toBe(`${id} dropped\n`);
    expect((await letters()).some(isAgain)).toBe(false);
  });
});

describe('given a source that is none', () => {
  const archive = async (name: string, bytes: Buffer): Promise<string> => {
    const path = join(mill.folder, name);
    await writeFile(path, bytes);
    return path;
  };
  const cases: readonly (readonly [story: string, source: () => Promise<string> | string, code: string])[] = [
    ['a path that does not exist', () => join(mill.folder, 'nowhere'), 'no_such_source'],
    ['an empty folder', async () => { await mkdir(join(mill.folder, 'empty')); return join(mill.folder, 'empty'); }, 'empty_source'],
    ['a file that is no archive', () => archive('text.tar.gz', Buffer.from('hello, I am no archive')), 'bad_archive'],
    ['an empty file', () => archive('empty.tar', Buffer.alloc(0)), 'bad_archive'],
    ['an archive cut off', async () => archive('cut.tar.gz', gzipSync(await tarOf({ name: 'a', content: 'x'.repeat(5000) })).subarray(0, 60)), 'bad_archive'],
    ['an archive that climbs out', async () => archive('climb.tar', await tarOf({ name: '../evil', content: 'x' })), 'bad_archive'],
    ['an archive with an absolute path', async () => archive('absolute.tar', await tarOf({ name: '/etc/evil', content: 'x' })), 'bad_archive'],
    ['an archive with a link that points outside', async () => archive('link.tar', await tarOf({ name: 'a', content: 'x' }, { name: 'l', type: 'symlink', linkname: '../../etc/passwd' })), 'bad_archive'],
    ['an archive that unpacks without end', async () => archive('bomb.tar.gz', gzipSync(await tarOf({ name: 'zeros', content: '\0'.repeat(80 * 1024 * 1024) }))), 'bad_archive'],
    ['a zip', () => archive('a.zip', Buffer.from('504b0304', 'hex')), 'bad_archive'],
  ];
  test.each(cases)('when it is %s, then it is refused before any build is asked for', async (_story, source, code) => {
    const { code: exited, error } = await callHere(mill.url, ['build', await source(), '--app', 'x', '--id', 'no-source']);
    expect(error).toMatchObject({ code, retryable: false, hint: expect.stringMatching(/\w+ \w+/) as string });
    expect(exited).toBe(2);
  });

  test('then none of them has become an actor', async () => {
    expect((await mill.run('show', 'build/no-source', '-o', 'json')).error).toMatchObject({ code: 'no_such_actor' });
    expect((await run(['ls', '-o', 'json', '--server', mill.url])).stdout).not.toContain('no-source');
  });
});

test('given all of that, then the worker still runs, a good build completes and every chain holds', async () => {
  expect(await goodBuild('after')).toMatchObject({ status: 'completed' });
  expect((await mill.run('audit', 'verify', '-o', 'json')).json).toMatchObject({ ok: true });
  expect(mill.dev.child.exitCode).toBeNull();
});
