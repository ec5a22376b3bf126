import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { rig, type Rig } from '../support/rig.ts';

// Many real processes, on machines that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let mill: Rig;
beforeAll(async () => { mill = await rig(); });
afterAll(() => mill.end());

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('given a build that completes', () => {
  test('then build exits 0 and its last line is the actor, its status and its output', async () => {
    const built = await mill.run('build', await mill.project('good'), '--app', 'good', '--id', 'good', '-o', 'json');
    expect(built.code).toBe(0);
    expect(Object.keys(built.json as object)).toEqual(['actor', 'status', 'output']);
    expect(built.json).toMatchObject({ actor: 'build/good', status: 'completed', output: { output: { app: 'good', version: 'v1' } } });
  });

  test('when it is asked for again under the same id, then it is the same build, told from its beginning', async () => {
    const again = await mill.run('build', await mill.project('good'), '--app', 'good', '--id', 'good');
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/✓ {3}1 {2}created \(tester\)/);
    expect(again.stdout).toContain('compiling');
    expect(again.stdout.trimEnd()).toMatch(/build\/good completed$/);
    expect(again.stdout).not.toContain('\u001b');
  });

  test('when another input is given under its id, then it is refused with exit 3', async () => {
    const other = await mill.run('build', await mill.project('good'), '--app', 'other', '--id', 'good', '-o', 'json');
    expect(other.code).toBe(3);
    expect(other.json).toMatchObject({ accepted: false, code: 'already_exists' });
  });

  test('then ls is an array of actor, status, value, seq and at; a type and a status narrow it down', async () => {
    const [all, none] = await Promise.all([mill.run('ls', 'build', '--status', 'completed', '-o', 'json'), mill.run('ls', '--status', 'blocked', '-o', 'json')]);
    const entry = (all.json as { actor: string }[]).find(({ actor }) => actor === 'build/good');
    expect(entry).toEqual({ actor: 'build/good', status: 'completed', value: { work: 'completed', control: 'settled' }, seq: 11, at: expect.stringMatching(iso) as string, createdAt: expect.stringMatching(iso) as string });
    expect(none.json).toEqual([]);
    const table = (await mill.run('ls')).stdout.split('\n');
    expect(table[0]).toMatch(/^ACTOR +STATUS +STATE +RECORDS +LAST RECORD$/);
    expect(table.find((line) => line.startsWith('build/good '))?.indexOf('completed')).toBe(table[0]?.indexOf('STATUS'));
  });

  test('then show is its state now and replay its state after a record', async () => {
    const [now, then, text] = await Promise.all([mill.run('show', 'build/good', '-o', 'json'), mill.run('replay', 'build/good', '--to', '4', '-o', 'json'), mill.run('show', 'build/good')]);
    expect(Object.keys(now.json as object)).toEqual(['actor', 'machine', 'status', 'value', 'context', 'seq', 'waitingFor', 'requests']);
    expect(now.json).toMatchObject({ status: 'completed', seq: 11, waitingFor: [], context: { phase: 'completed' } });
    expect(then.json).toMatchObject({ status: 'running', seq: 4, waitingFor: [{ kind: 'child' }], context: { phase: 'forward' } });
    expect(text.stdout).toMatch(/^build\/good {2}completed, after record 11\nmachine {2}build 1/);
  });

  test('then history is a line a record, its chain unbroken', async () => {
    const [history, audit, one] = await Promise.all([mill.run('history', 'build/good', '-o', 'json'), mill.run('audit', 'verify', '-o', 'json'), mill.run('audit', 'verify', 'build/good')]);
    const records = history.lines as Record<string, unknown>[];
    expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(records[0]).toEqual({ seq: 1, at: expect.stringMatching(iso) as string, type: 'actor.created', cause: expect.any(String) as string, by: 'tester', data: expect.any(Object) as object, chain: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(Object.keys(records[1] ?? {})).toEqual(['seq', 'at', 'type', 'cause', 'data', 'chain']);
    expect(Object.keys(audit.json as object)).toEqual(['actors', 'records', 'ok']);
    expect(audit.json).toMatchObject({ ok: true });
    expect(one.stdout).toBe('ok: 11 records of 1 actors\n');
  });

  test('then its log is exported, as CloudEvents too, and who tells of each wish', async () => {
    const [lines, events, none, nosuch, who] = await Promise.all([
      mill.run('audit', 'export', 'build/good'), mill.run('audit', 'export', '--cloudevents', '--type', 'actor.created'),
      mill.run('audit', 'export', '--until', '2001-01-01T00:00:00Z'), mill.run('audit', 'export', '--type', 'nosuch'),
      mill.run('audit', 'who', 'build/good', '-o', 'json'),
    ]);
    expect(lines.lines.map((line) => (line as { seq: number }).seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(events.lines).toContainEqual(expect.objectContaining({ specversion: '1.0', source: '/millrace/build/good', id: '1', type: 'millrace.actor.created', by: 'tester' }));
    expect((events.lines as { type: string }[]).every(({ type }) => type === 'millrace.actor.created')).toBe(true);
    expect(lines.stderr).toMatch(/^exported 11 of 11 records\n$/);
    expect(none.stdout).toBe('');
    expect(none.stderr).toMatch(/^exported 0 of \d+ records; the newest is of \d{4}-.*Z\n$/);
    expect([nosuch.code, nosuch.stdout]).toEqual([0, '']);
    expect(nosuch.stderr).toMatch(/^exported 0 of \d+ records: none is of type "nosuch"; there are .*actor\.created/);
    expect(who.lines).toEqual([{ at: expect.stringMatching(iso) as string, seq: 1, command: 'create', by: 'tester', became: 'taken' }]);
  });

  test('then an anchor signs where the logs end, and verify holds them against it', async () => {
    const [key, first, second] = ['anchor.seed', 'first.anchor', 'second.anchor'].map((name) => join(mill.folder, name)) as [string, string, string];
    const made = await mill.run('audit', 'anchor', '--key', key, '--new-key', '--out', first);
    expect(made.code).toBe(0);
    const signer = /U[A-Z2-7]{55}/.exec(made.stderr)?.[0] ?? '';
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(made.stdout + made.stderr + readFileSync(first, 'utf8')).not.toContain(readFileSync(key, 'utf8').trim());
    await mill.run('audit', 'anchor', '--key', key, '--previous', first, '--out', second);
    const held = await mill.run('audit', 'verify', '--anchor', first, second, '--signer', signer, '-o', 'json');
    expect(held.json).toMatchObject({ ok: true });

    const forged = join(mill.folder, 'forged.anchor');
    writeFileSync(forged, readFileSync(first, 'utf8').replace(/"records":\d+/, '"records":1'));
    expect((await mill.run('audit', 'verify', '--anchor', forged, '-o', 'json')).error?.code).toBe('bad_signature');
    const other = `U${'A'.repeat(55)}`;
    expect((await mill.run('audit', 'verify', '--anchor', first, '--signer', other, '-o', 'json')).error?.code).toBe('bad_signature');
    chmodSync(key, 0o644);
    expect((await mill.run('audit', 'anchor', '--key', key, '-o', 'json')).error?.code).toBe('key_too_open');
  });

  test('then logs are what it printed', async () => {
    const [stored, followed] = await Promise.all([mill.run('logs', 'build/good', '-o', 'json'), mill.run('logs', '-f', 'build/good')]);
    expect(stored.lines).toContainEqual({ at: expect.stringMatching(iso) as string, source: 'stdout', text: 'compiling' });
    expect(followed.code).toBe(0);
    expect(followed.stdout).toMatch(/^stdout +compiling$/m);
  });
});

test('given a build that fails, then build exits 1 and says which step, why, and what was undone', async () => {
  const failed = await mill.run('build', await mill.project('bad', { fails: 'at-once' }), '--app', 'bad', '--id', 'bad');
  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain('✗   5  build-artifact failed');
  expect(failed.stdout).toContain('↩   6  next-version undone');
  expect(failed.stdout).toMatch(/^build\/bad failed at build-artifact: The build failed: the command ended with exit code 3 \[build_failed\]$/m);
  expect(failed.stdout).toMatch(/^ {2}undone: next-version, receive-source$/m);
  const json = await mill.run('build', await mill.project('bad', { fails: 'at-once' }), '--app', 'bad', '--id', 'bad', '-o', 'json');
  expect(json.code).toBe(1);
  expect(json.json).toMatchObject({ actor: 'build/bad', status: 'failed', output: { error: { code: 'build_failed' }, undone: ['next-version', 'receive-source'] } });
});

describe('given a build that takes its time', () => {
  test('when Ctrl-C comes twice while it is followed, then it goes on, and the exit code is not 0', async () => {
    const following = await mill.begin('build', await mill.project('slow', { seconds: 2 }), '--app', 'slow', '--id', 'slow');
    await following.sees('compiling');
    following.signal('SIGINT');
    following.signal('SIGINT');
    const { code, stdout } = await following.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('no longer following build/slow; it goes on by itself');
    const followed = await mill.run('build', await mill.project('slow', { seconds: 2 }), '--app', 'slow', '--id', 'slow', '-o', 'json');
    expect(followed.json).toMatchObject({ status: 'completed' });
  });

  test('when it is stopped, started and cancelled, then each is accepted with its record, and watch sees them', async () => {
    // It has all the time a build takes to be asked for to begin.
    const watching = await mill.begin('watch', 'build/long', '-o', 'json');
    const detached = await mill.run('build', await mill.project('long', { seconds: 30 }), '--app', 'long', '--id', 'long', '--detach', '-o', 'json');
    expect(detached.json).toEqual({ actor: 'build/long', status: 'running', output: null });
    const logs = await mill.begin('logs', '-f', 'build/long');
    await logs.sees('compiling');
    expect((await mill.run('stop', 'build/long', '--reason', 'lunch', '-o', 'json')).json).toMatchObject({ accepted: true, seq: expect.any(Number) as number, request: { command: 'stop', reason: 'lunch', state: 'pending' } });
    await watching.sees(/"type":"child\.stopped"/);
    expect((await mill.run('show', 'build/long', '-o', 'json')).json).toMatchObject({ status: 'stopped' });
    expect(await mill.run('start', 'build/long')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^build\/long accepted start as record \d+\n$/) as string });
    expect(await mill.run('cancel', 'build/long', '--reason', 'wrong branch')).toMatchObject({ code: 0 });
    expect((await logs.ended).code).toBe(0);
    await watching.sees(/"type":"cancel".*"reason":"wrong branch"/);
    expect((await watching.stop()).code).toBe(0);
    const ended = await mill.run('cancel', 'build/long', '-o', 'json');
    expect(ended.code).toBe(3);
    expect(ended.json).toEqual({ accepted: false, code: 'actor_ended', reason: expect.any(String) as string, value: { work: 'cancelled', control: 'settled' }, allowed: [] });
  });
});

test('given every command, then its help says what it does, and the exit codes are told', async () => {
  const all = await mill.run('--help');
  expect(all.code).toBe(0);
  const commands = ['dev', 'server', 'worker', 'build', 'send', 'stop', 'start', 'cancel', 'retry-undo', 'abandon', 'ls', 'show', 'history', 'replay', 'watch', 'audit', 'dead', 'logs'];
  for (const command of commands) expect(all.stdout).toMatch(new RegExp(`^ {2}${command} .*\\w{3}`, 'm'));
  expect(all.stdout).toContain('Exit codes: 0 done');
  const one = await mill.run('build', '--help');
  expect(one.stdout).toContain('--app <name>');
  expect(one.stdout).toContain('--output <format>');
});
