import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type Millrace } from '../../src/connect.ts';
import { project } from '../support/browser/places.ts';
import { begin, run, type Running } from '../support/cli.ts';
import { eventually } from '../support/broker.ts';
import { openPage } from '../support/console.ts';
import { startNats, type TestNats } from '../support/nats.ts';

/** Each of its own look, so that a leak says where it came from. */
const planted = {
  input: `ghp_${'inP0'.repeat(9)}`,
  named: 'hunter22-in-the-input',
  variable: 'plain-text-of-a-variable',
  output: `glpat-${'outP'.repeat(5)}`,
  error: `xoxb-${'1234567890'.repeat(2)}-errr`,
  address: 'swordfish-in-an-address',
  progress: `AKIA${'PROGRESS'.repeat(2)}`,
  reason: `npm_${'reaS0n'.repeat(6)}`,
  by: `sk-${'byWhomIsIt'.repeat(3)}`,
  printed: `hf_${'printed'.repeat(4)}`,
  given: 'plain-looking value of a secret',
  letter: `ghp_${'deaD'.repeat(9)}`,
  supposed: `ghp_${'whAt'.repeat(9)}`,
} as const;

/** Nearly twenty processes, each of which begins by reading its code. */
const patience = 240_000;

const machines = fileURLToPath(new URL('../support/leaky.mjs', import.meta.url));
const actor = 'leaky/l1';

let nats: TestNats;
let millrace: Millrace;
let home = '';
const going: Running[] = [];
const env = (): Record<string, string> => ({ MILLRACE_LOG: 'trace', LEAKY: JSON.stringify(planted), MILLRACE_SECRET_LEAKY: planted.given, MILLRACE_BY: `me ${planted.by}`, XDG_CACHE_HOME: home, MILLRACE_DATA: join(home, 'data') });
const words = (...more: string[]): string[] => [...more, '--server', nats.url, '--machines', machines];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'leaky-'));
  nats = await startNats();
  millrace = await connect({ servers: nats.url });
  going.push(await begin(words('worker'), { env: env() }));
});
afterAll(async () => {
  for (const one of going) await one.stop();
  await millrace.close();
  await nats.stop();
  rmSync(home, { recursive: true, force: true });
});

const onDisk = (folder: string): string => readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((name) => join(folder, name)).filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'latin1')).join('\n');

const leaksOf = (secrets: Readonly<Record<string, string>>) => (text: string): string[] => Object.entries(secrets).filter(([, value]) => text.includes(value)).map(([name]) => name);

/** All that a socket brings. */
function heardBy(socket: WebSocket): () => string {
  let heard = '';
  socket.on('message', (data: Buffer) => { heard += data.toString('utf8'); });
  return () => heard;
}

/** An inspector that goes on, and all that it tells. */
async function inspecting(...more: string[]): Promise<() => string> {
  const inspector = await begin(words('inspect', ...more, '--port', '0', '-o', 'json'), { env: env() });
  going.push(inspector);
  await inspector.sees('"socket"');
  const socket = new WebSocket((JSON.parse(inspector.stdout()) as { socket: string }).socket);
  const heard = heardBy(socket);
  await new Promise((resolve) => { socket.once('open', resolve); });
  return heard;
}

describe('given secrets planted in all that an actor takes, gives and says', () => {
  test('when people and tools look at it by whatever Millrace has, then no byte of it has one', async () => {
    const cli = async (...more: string[]): Promise<string> => {
      const { stdout, stderr } = await run(words(...more), { env: env() });
      return `$ ${more[0]}\n${stdout}${stderr}`;
    };
    const input = { note: `with ${planted.input}`, password: planted.named, env: { DEPLOY_TOKEN: planted.variable, LANG: 'C' }, token: { $secret: 'LEAKY' } };
    const live = await inspecting();
    const told = [await cli('send', actor, 'create', JSON.stringify(input))];
    // A job tells everything it has, and leaves its credential where only this test looks.
    const outside = mkdtempSync(join(tmpdir(), 'leaky-outside-'));
    const source = await project(join(outside, 'source'), `env && printf %s "$MILLRACE_JOB_TOKEN" > '${outside}/token' && mkdir -p out && echo built > out/app.txt`);
    told.push(await cli('build', source, '--app', 'leaky', '--id', 'tells'));
    const leaks = leaksOf({ ...planted, job: readFileSync(join(outside, 'token'), 'utf8') });
    rmSync(outside, { recursive: true });
    told.push(await cli('logs', 'build/tells'));
    expect(told.join('\n')).toContain('MILLRACE_JOB_TOKEN=***');
    await millrace.output.write(actor, { at: 1, source: 'stdout', text: `login ${planted.printed}` }, 'l1');
    await eventually(async () => (await millrace.board.list()).some(({ status }) => status === 'blocked'));
    told.push(await cli('cancel', actor, '--reason', `because of ${planted.reason}`));
    await millrace.broker.js.publish('millrace.cmd.leaky.l2.create', `not JSON ${planted.letter}`);
    await eventually(async () => (await millrace.dead.list()).length > 0);
    const [letter = { id: '' }] = await millrace.dead.list();

    told.push(...await Promise.all([
      ['show', actor], ['show', actor, '-o', 'json'], ['history', actor, '-o', 'json'], ['history', actor], ['logs', actor], ['ls', '-o', 'json'], ['waiting'],
      ['audit', 'export'], ['audit', 'export', '--cloudevents'], ['audit', 'who', actor], ['dead', 'show', letter.id],
      ['chart', 'leaky', '--at', actor, '-o', 'json'], ['chart', 'leaky', '--at', actor, '--svg'],
    ].map((command) => cli(...command))));
    expect(told.join('\n')).toContain('pushed with [redacted] and [redacted]');
    expect(told.join('\n')).toContain('"DEPLOY_TOKEN":"[redacted]"');
    expect(told.join('\n')).toContain('not JSON [redacted]');
    expect(told.join('\n')).toContain('login [redacted]');

    const replayed = await inspecting(actor, '--replay', '--speed', '10000');
    for (const inspected of [live, replayed]) await eventually(() => inspected().includes('[redacted] was denied'));
    expect(live()).toContain('build/tells');

    const server = await begin(words('console', '--port', '0', '--no-open', '-o', 'json'), { env: env() });
    going.push(server);
    await server.sees('"console"');
    const page = await openPage((JSON.parse(server.stdout()) as { console: string }).console);
    const socket = heardBy(page.socket);
    await page.ask('board.watch', { from: 0, count: 10 });
    const { length } = await page.ask('actor.watch', { actor });
    for (let seq = 1; seq <= length; seq++) {
      await page.ask('actor.moment', { actor, seq });
      await page.ask('actor.choices', { actor, seq });
    }
    await page.ask('actor.records', { actor, from: 1, to: length });
    await page.ask('actor.waterfall', { actor });
    await page.ask('actor.chart', { actor });
    await page.ask('actor.what-if', { actor, seq: 1, type: 'cancel', data: { reason: planted.supposed } });
    await page.ask('actor.what-if', { actor, seq: 2, type: 'activity.completed', data: { activity: 'push', effect: '1:0', output: { said: planted.supposed } } });
    await page.ask('output.watch', { actor });
    await page.ask('actor.watch', { actor: 'build/tells' });
    await page.ask('output.watch', { actor: 'build/tells' });
    await page.ask('dead.watch', {});
    await page.ask('dead.show', { letter: letter.id });
    await page.ask('command', { actor, command: 'cancel', body: { reason: planted.reason } });
    await eventually(() => socket().includes('login [redacted]') && socket().includes('MILLRACE_JOB_TOKEN=***'));
    page.close();
    expect(socket()).toContain('pushed with [redacted] and [redacted]');

    const logged = going.map(({ stdout, stderr }) => stdout() + stderr()).join('\n');
    expect(going[0]?.stderr()).toContain('dead letter');
    // What a plain tool published itself stays in the file until the server compacts it.
    const disk = leaks(onDisk(nats.dir)).filter((name) => name !== 'letter');
    expect({ told: leaks(told.join('\n')), live: leaks(live()), replayed: leaks(replayed()), socket: leaks(socket()), logged: leaks(logged), kept: leaks(onDisk(home)), disk })
      .toEqual({ told: [], live: [], replayed: [], socket: [], logged: [], kept: [], disk: [] });
  }, patience);
});
