import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assign, setup } from 'xstate';
import { connect, type Millrace, type Worker } from '../../src/connect.ts';
import { consoleServer, type ConsoleServer } from '../../src/console/server/server.ts';
import { defineMachine } from '../../src/kernel/define.ts';
import { seal } from '../../src/kernel/chain.ts';
import { eventually } from '../support/broker.ts';
import { compiled } from '../support/compiled.ts';
import { openPage, type TestPage } from '../support/console.ts';
import { startNats, type TestNats } from '../support/nats.ts';

const secret = 'hunter2-hunter2-hunter2';
const lamp = defineMachine({ version: '1', machine: setup({
  types: {} as { context: { flips: number; password: string }; events: { type: string } },
}).createMachine({
  id: 'lamp', context: { flips: 0, password: secret }, initial: 'dark',
  states: {
    dark: { on: { flip: { target: 'lit', actions: assign({ flips: ({ context }) => context.flips + 1 }) } } },
    lit: { on: { flip: 'dark', smash: 'broken' } },
    broken: { type: 'final' },
  },
}) });

describe('the console', () => {
  let nats: TestNats;
  let millrace: Millrace;
  let worker: Worker;
  let server: ConsoleServer;
  const pages: TestPage[] = [];
  const page = async (): Promise<TestPage> => {
    const opened = await openPage(server.url);
    pages.push(opened);
    return opened;
  };
  const lampNamed = async (id: string, ...commands: string[]): Promise<string> => {
    for (const command of ['create', ...commands]) await millrace.send(`lamp/${id}`, command);
    return `lamp/${id}`;
  };

  beforeAll(async () => {
    await compiled('src/console/layout/drawer-thread.js');
    nats = await startNats();
    millrace = await connect({ servers: nats.url });
    worker = await millrace.worker({ machines: [lamp] });
    server = await consoleServer({ millrace, definitions: [lamp], port: 0, by: 'ann (console)', version: '1.2.3', onError: () => undefined });
  });
  afterAll(async () => {
    for (const opened of pages) opened.close();
    await server?.close();
    await worker?.stop({ graceMs: 0 });
    await millrace?.close();
    await nats?.stop();
  });

  it('given the page, then all it runs is one script, which imports nothing more', async () => {
    const get = async (path: string): Promise<string> => (await fetch(`${server.url}${path}`)).text();
    const scripts = [...(await get('/')).matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, path = '']) => path);
    expect(scripts).toHaveLength(1);
    const script = await get(scripts[0] ?? '');
    expect(script).toContain('WebSocket');
    expect(script).not.toMatch(/^import |\bimport\(/m);
  });

  it('given a board that is watched, when an actor moves, then its row comes by itself, with its state and what it waits for', async () => {
    const at = await page();
    await lampNamed('board');
    const first = await at.ask('board.watch', { from: 0, count: 50, type: 'lamp' });
    expect(first.order).toEqual(['lamp/board']);
    await millrace.send('lamp/board', 'flip');
    const row = await at.hear((one) => (one.push === 'board' ? one.board.rows.find(({ value }) => value === 'lit') : undefined));
    expect(row).toMatchObject({ actor: 'lamp/board', status: 'waiting', seq: 2, waitingFor: [{ kind: 'command', name: 'flip' }, { kind: 'command', name: 'smash' }] });
    await lampNamed('board-2');
    const order = await at.hear((one) => (one.push === 'board' && one.board.total === 2 ? one.board.order : undefined));
    expect(order).toEqual(['lamp/board-2', 'lamp/board']);
    expect(await at.ask('board.watch', { from: 0, count: 50, text: 'board-2' })).toMatchObject({ total: 1, order: ['lamp/board-2'] });
  });

  it('given an actor that is watched, when it moves, then its record comes with the state after it, and the past can be gone through', async () => {
    const at = await page();
    const actor = await lampNamed('past', 'flip');
    const face = await at.ask('actor.watch', { actor });
    expect(face).toMatchObject({ length: 2, now: { value: 'lit', context: { flips: 1 } }, passed: { 'lamp.dark': 1, 'lamp.lit': 2 } });
    await millrace.send(actor, 'flip', {}, { by: 'bob' });
    const news = await at.hear((one) => (one.push === 'actor' && one.actor.length === 3 ? one.actor : undefined));
    expect(news).toMatchObject({ now: { value: 'dark', left: ['lamp.lit'], entered: ['lamp.dark'], transitions: [{ event: 'flip' }] }, records: [{ seq: 3, type: 'flip', by: 'bob', sentence: 'flip accepted (bob)' }] });
    expect(await at.ask('actor.moment', { actor, seq: 2 })).toMatchObject({ value: 'lit', allowed: ['flip', 'smash'] });
    expect((await at.ask('actor.records', { actor, from: 1, to: 2 })).map(({ type }) => type)).toEqual(['actor.created', 'flip']);
    await expect(at.ask('actor.moment', { actor, seq: 9 })).rejects.toMatchObject({ code: 'no_such_record' });
    expect(JSON.stringify([face, news])).not.toContain(secret);
  });

  it('given a moment of the past, when something is supposed, then it says where that would lead, and nothing is stored', async () => {
    const at = await page();
    const actor = await lampNamed('what-if', 'flip', 'flip');
    await at.ask('actor.watch', { actor });
    expect(await at.ask('actor.choices', { actor, seq: 2 })).toEqual([{ type: 'flip', data: {} }, { type: 'smash', data: {} }]);
    expect(await at.ask('actor.what-if', { actor, seq: 2, type: 'smash' })).toMatchObject({ accepted: true, moment: { value: 'broken', status: 'completed' } });
    expect(await at.ask('actor.what-if', { actor, seq: 3, type: 'smash' })).toMatchObject({ accepted: false, code: 'command_refused', allowed: ['flip'] });
    expect(await millrace.history(actor)).toHaveLength(3);
    const asked = Array.from({ length: 60 }, () => at.ask('actor.what-if', { actor, seq: 2, type: 'smash' }));
    expect((await Promise.allSettled(asked)).some((one) => one.status === 'rejected' && (one.reason as { code: string }).code === 'too_fast')).toBe(true);
  });

  it('given the chart of a machine, then it comes laid out, as deep as was asked', async () => {
    const at = await page();
    const actor = await lampNamed('chart');
    await at.ask('actor.watch', { actor });
    const { geometry, hash, deepest, parents } = await at.ask('actor.chart', { actor, depth: 1 });
    expect(geometry.states.map(({ state }) => state.id)).toEqual(['lamp', 'lamp.dark', 'lamp.lit', 'lamp.broken']);
    expect(geometry.edges.every(({ points }) => points.length > 1)).toBe(true);
    expect([hash, deepest, parents['lamp.lit']]).toEqual([lamp.stamp.hash, 1, 'lamp']);
  });

  it('given a command from a page, then the chart decides, a refusal is explained, and the record says who asked', async () => {
    const at = await page();
    const actor = await lampNamed('command');
    expect(await at.ask('command', { actor, command: 'smash' })).toMatchObject({ accepted: false, code: 'command_refused', value: 'dark', allowed: ['flip'] });
    expect(await at.ask('command', { actor, command: 'flip' })).toEqual({ accepted: true, seq: 2 });
    expect((await millrace.history(actor)).at(-1)).toMatchObject({ type: 'flip', by: 'ann (console)' });
    await expect(at.ask('command', { actor: 'no actor', command: 'flip' })).rejects.toMatchObject({ code: expect.any(String) as string });
  });

  it('given dead letters that are watched, when one comes and when one is dropped, then the list comes by itself', async () => {
    const at = await page();
    expect(await at.ask('dead.watch', {})).toEqual([]);
    await millrace.dead.put({ id: 'd1', type: 'lamp', actorId: 'x', subject: 'millrace.cmd.lamp.x.flip', commandId: 'c1', code: 'bad_body', reason: `not JSON, password=${secret}`, deliveries: 1, at: 5, headers: {}, body: new TextEncoder().encode(`{"password":"${secret}"}`) });
    const letters = await at.hear((one) => (one.push === 'dead' && one.dead.length === 1 ? one.dead : undefined));
    expect(letters).toMatchObject([{ id: 'd1', actor: 'lamp/x', command: 'flip', code: 'bad_body' }]);
    const whole = await at.ask('dead.show', { letter: 'd1' });
    expect(JSON.stringify([letters, whole])).not.toContain(secret);
    await millrace.dead.drop('d1');
    await at.hear((one) => (one.push === 'dead' && one.dead.length === 0 ? one : undefined));
    await expect(at.ask('dead.retry', { letter: 'd1' })).rejects.toMatchObject({ code: 'unknown_dead_letter' });
  });

  it('given what an actor prints, then the lines come as they are printed, without secrets', async () => {
    const at = await page();
    const actor = 'lamp/printer' as const;
    await millrace.output.write(actor, { at: 1, source: 'stdout', text: 'first' }, '1');
    await at.ask('output.watch', { actor });
    const first = await at.hear((one) => (one.push === 'output' ? one.output : undefined));
    expect(first).toMatchObject({ actor, fresh: { dropped: 0 }, lines: [{ text: 'first' }] });
    await millrace.output.write(actor, { at: 2, source: 'stdout', text: `then password=${secret}` }, '2');
    const then = await at.hear((one) => (one.push === 'output' && one.output.lines[0]?.text.startsWith('then') === true ? one.output : undefined));
    expect(then.fresh).toBeUndefined();
    expect(then.lines).toEqual([{ at: 2, source: 'stdout', text: 'then password=[redacted]' }]);
  });

  it('given a run whose lines go to its build, when its output is watched, then those are shown, and whose they are', async () => {
    const at = await page();
    const run = millrace.log.append(seal(undefined, { actor: 'run/of-b1', seq: 1, at: 1, type: 'actor.created', cause: 'c1', machine: { name: 'run', version: '1', hash: 'h' }, data: { input: { metadata: { outputActor: 'build/b1' } } } }), 0);
    await Promise.all([run, millrace.output.write('build/b1', { at: 1, source: 'stdout', text: 'compiling' }, '1')]);
    await at.ask('output.watch', { actor: 'run/of-b1' });
    const heard = await at.hear((one) => (one.push === 'output' ? one.output : undefined));
    expect(heard).toMatchObject({ actor: 'run/of-b1', printsTo: 'build/b1', lines: [{ text: 'compiling' }] });
  });

  it('given things that are none of the protocol, then they are answered so, or the socket is closed', async () => {
    const at = await page();
    await expect(at.ask('actor.moment', { actor: 'lamp/nobody', seq: 1 })).rejects.toMatchObject({ code: 'not_watched' });
    await expect(at.ask('actor.watch', { actor: 'lamp/nobody' })).rejects.toMatchObject({ code: 'no_such_actor' });
    await expect(at.ask('board.watch', { from: 0, count: 5_000 })).rejects.toMatchObject({ code: 'bad_question' });
    await expect(at.ask('launch' as never, {} as never)).rejects.toMatchObject({ code: 'bad_question' });
    at.socket.send('no JSON');
    const [code] = (await once(at.socket, 'close')) as [number];
    expect(code).toBe(1008);
    const big = await page();
    big.socket.on('error', () => undefined);
    big.socket.send('x'.repeat(300 * 1024));
    await once(big.socket, 'close');
  });

  it('given a page of another origin or a name that is not its own, when it asks or connects, then it is refused and no command is taken', async () => {
    const live = `${server.url.replace('http', 'ws')}/live`;
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: server.url, host: 'evil.example' }]) {
      const socket = new WebSocket(live, { headers });
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).toContain('403');
    }
    expect((await fetch(server.url, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${server.url}/src/console/page/..%2f..%2f..%2fpackage.json`)).status).toBe(404);
    const { status, headers } = await fetch(server.url);
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('given a broker that is killed and comes back, then the page hears of both, and everything goes on by itself', async () => {
    const at = await page();
    const actor = await lampNamed('outage');
    await at.ask('board.watch', { from: 0, count: 50, text: 'outage' });
    await at.ask('actor.watch', { actor });
    await nats.restart();
    await at.hear((one) => (one.push === 'link' && one.link.state === 'down' ? one : undefined));
    await eventually(() => at.pushed.findLast((one) => one.push === 'link')?.link.state === 'up', 15_000);
    await millrace.send(actor, 'flip', {}, { timeoutMs: 30_000 });
    await at.hear((one) => (one.push === 'board' ? one.board.rows.find(({ value }) => value === 'lit') : undefined), 30_000);
    await at.hear((one) => (one.push === 'actor' && one.actor.length === 2 ? one : undefined), 30_000);
  });
});

describe('a console with a token', () => {
  let nats: TestNats;
  let millrace: Millrace;
  const servers: ConsoleServer[] = [];
  const token = 'a-token-nobody-guesses';
  const serve = async (host: string, tokens: readonly { name: string; secret: string }[]): Promise<ConsoleServer> => {
    const server = await consoleServer({ millrace, definitions: [lamp], port: 0, host, tokens, by: 'nobody', version: '1', onError: () => undefined });
    servers.push(server);
    return server;
  };
  beforeAll(async () => {
    nats = await startNats();
    millrace = await connect({ servers: nats.url });
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    await millrace?.close();
    await nats?.stop();
  });

  it('given no token, when it is to listen where others reach it, then it does not', async () => {
    await expect(serve('0.0.0.0', [])).rejects.toMatchObject({ code: 'token_needed' });
  });

  it('given a token, then only its cookie opens the socket, and commands are from its name', async () => {
    const { url } = await serve('127.0.0.1', [{ name: 'ops', secret: token }]);
    const enter = (given: string, type = 'application/json'): Promise<Response> => fetch(`${url}/session`, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify({ token: given }) });
    const [refused] = (await once(new WebSocket(`${url.replace('http', 'ws')}/live`), 'error')) as [Error];
    expect(refused.message).toContain('401');
    expect((await fetch(`${url}/session`)).status).toBe(401);
    expect((await enter('a-token-nobody-guessed')).status).toBe(403);
    expect((await enter(token, 'text/plain')).status).toBe(415);
    expect((await enter('x'.repeat(5_000))).status).toBe(413);
    const entered = await enter(token);
    expect(entered.status).toBe(204);
    const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(entered.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict$/);
    expect((await fetch(`${url}/session`, { headers: { cookie } })).status).toBe(204);
    const at = await openPage(url, { cookie });
    expect(await at.hear((one) => (one.push === 'hello' ? one.hello.by : undefined))).toBe('ops');
    at.close();
    await expect(openPage(url, { cookie, origin: 'https://evil.example' })).rejects.toThrow('403');
  });
});
