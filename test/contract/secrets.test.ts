import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connect, type Millrace, type Worker } from '../../src/connect.ts';
import { inspection } from '../../src/projections/chart/inspection.ts';
import { cloudEvent, exportedRecord } from '../../src/projections/cloud-event.ts';
import { defineSaga, RetryableError, secret, step, TerminalError } from '../../src/index.ts';
import { eventually } from '../support/broker.ts';
import { startNats, type TestNats } from '../support/nats.ts';

/** Each of its own look, so that a leak says where it came from. */
const planted = {
  input: `ghp_${'inP0'.repeat(9)}`,
  named: 'hunter22-in-the-input',
  output: `glpat-${'outP'.repeat(5)}`,
  error: `xoxb-${'1234567890'.repeat(2)}-errr`,
  thrownUrl: 'swordfish-in-an-address',
  progress: `AKIA${'PROGRESS'.repeat(2)}`,
  reason: `npm_${'reaS0n'.repeat(6)}`,
  by: `sk-${'byWhomIsIt'.repeat(3)}`,
  printed: `hf_${'printed'.repeat(4)}`,
  given: 'plain-looking value of a secret',
  marked: 'plain value in a marked field',
  letter: `ghp_${'deaD'.repeat(9)}`,
  header: `glpat-${'headR'.repeat(5)}`,
  trace: `npm_${'tracE0'.repeat(6)}`,
} as const;

let nats: TestNats;
let millrace: Millrace;
let worker: Worker;
const logged: string[] = [];
const heard: string[] = [];
let gotFromScope = '';

const deploy = defineSaga({
  name: 'deploy', version: '1',
  input: z.object({ app: z.string(), note: z.string(), password: z.string().optional(), token: secret() }),
  steps: [
    step({ name: 'push', needs: z.object({ app: z.string(), token: z.object({ $secret: z.string() }) }), gives: z.object({ said: z.string() }),
      run: async ({ input, ...scope }) => {
        gotFromScope = scope.secret(input.token as { $secret: string });
        scope.progress(`with ${planted.progress} and ${gotFromScope}`);
        return { said: `pushed with ${planted.output} and ${gotFromScope}` };
      }, undo: async () => { throw new RetryableError('later', `undo at https://bot:${planted.thrownUrl}@host/`); }, undoRetry: { attempts: 1, delayMs: 1 } }),
    step({ name: 'check', needs: z.object({ said: z.string(), token: z.object({ $secret: z.string() }) }), gives: z.object({}),
      run: async ({ input, ...scope }) => { throw new TerminalError('denied', `${planted.error} was denied, and ${scope.secret(input.token as { $secret: string })}`, { hint: `try ${planted.error}` }); } }),
  ],
});

beforeAll(async () => {
  nats = await startNats();
  process.env.MILLRACE_SECRET_DEPLOY = planted.given;
  const say = (fields: object, message: string): void => void logged.push(JSON.stringify(fields) + message);
  millrace = await connect({ servers: nats.url, logger: { debug: say, info: say, warn: say, error: say } });
  worker = await millrace.worker({ machines: [deploy] });
});
afterAll(async () => {
  delete process.env.MILLRACE_SECRET_DEPLOY;
  await worker.stop();
  await millrace.close();
  await nats.stop();
});

/** Every byte of every file under a folder, as text that keeps bytes apart. */
const onDisk = (folder: string): string => readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((name) => join(folder, name)).filter((path) => statSync(path).isFile()).map((path) => readFileSync(path, 'latin1')).join('\n');

const leaks = (text: string): string[] => Object.entries(planted).filter(([, value]) => text.includes(value)).map(([name]) => name);

describe('given secrets planted wherever a saga takes or gives something', () => {
  test('when it runs, fails and is undone, then none of them is in what a worker published, on disk, in a log, or told', async () => {
    millrace.broker.nc.subscribe('>', { callback: (_error, message) => { heard.push(`${message.subject} ${JSON.stringify((message.headers?.keys() ?? []).map((key) => [key, message.headers?.values(key)]))} ${message.string()}`); } });
    const answers = [
      await millrace.send('deploy/d1', 'create', { app: 'web', note: `with ${planted.input}`, password: planted.named, token: { $secret: 'DEPLOY' } }, { by: 'ann' }),
    ];
    await millrace.output.write('deploy/d1', { at: 1, source: 'stdout', text: `login ${planted.printed}` }, 'l1');
    await millrace.until(deploy, 'deploy/d1', ({ status }) => status === 'blocked');
    answers.push(await millrace.send('deploy/d1', 'cancel', { reason: `because of ${planted.reason}` }));
    answers.push(await millrace.send('deploy/d1', 'create', { app: 'web', note: `with ${planted.input}`, password: planted.named, token: { $secret: 'DEPLOY' } }));

    expect(gotFromScope).toBe(planted.given);
    const records = await millrace.history('deploy/d1');
    expect(records[0]?.data).toMatchObject({ input: { note: 'with [redacted]', password: '[redacted]', token: { $secret: 'DEPLOY' } } });
    expect(JSON.stringify(records)).toContain('pushed with [redacted] and [redacted]');
    expect(JSON.stringify(records)).toContain('[redacted] was denied, and [redacted]');
    expect(JSON.stringify(records)).toContain('https://[redacted]@host/');
    // The same wish again is the same, though its record is not what was sent.
    expect(answers.at(-1)).toMatchObject({ accepted: true, existing: true });
    const shown = inspection([deploy], () => undefined);
    const told = JSON.stringify([
      records, records.flatMap((record) => shown.add(record)), records.map(exportedRecord), records.map((record) => cloudEvent(record, 'millrace')),
      answers, await millrace.board.list(), await millrace.state(deploy, 'deploy/d1'),
    ]);
    await eventually(() => heard.some((message) => message.includes('with [redacted] and [redacted]')));
    expect(leaks(told)).toEqual([]);
    expect(leaks(heard.join('\n'))).toEqual([]);
    expect(leaks(logged.join('\n'))).toEqual([]);
    expect(leaks(onDisk(nats.dir))).toEqual([]);
  });

  test('when a plain tool publishes them, in a marked field, a body, a header, then no record, letter or answer has them', async () => {
    const raw = async (subject: string, body: string, more: Readonly<Record<string, string>> = {}): Promise<void> => {
      const header = headers();
      for (const [name, value] of Object.entries(more)) header.set(name, value);
      await millrace.broker.js.publish(subject, body, { headers: header });
    };
    await raw('millrace.cmd.deploy.d2.create', JSON.stringify({ app: 'web', note: '', token: planted.marked }));
    await raw('millrace.cmd.deploy.d3.create', `not JSON ${planted.letter}`, { 'X-Auth': planted.header });
    await raw('millrace.cmd.deploy.d4.create', '{"note":1}', { traceparent: planted.trace, 'Millrace-By': planted.by });
    await raw('millrace.cmd.deploy.d5.create', JSON.stringify({ app: 'x', note: '', token: { $secret: 'DEPLOY' } }), { traceparent: planted.trace, 'Millrace-By': planted.by });
    await eventually(async () => (await millrace.dead.list()).length >= 3);
    await millrace.until(deploy, 'deploy/d5', ({ status }) => status === 'blocked');

    const letters = await millrace.dead.list();
    const stored = letters.map(({ body, ...rest }) => JSON.stringify(rest) + new TextDecoder().decode(body)).join('\n');
    expect(letters.find(({ actorId }) => actorId === 'd2')).toMatchObject({ code: 'secret_in_body', reason: expect.stringContaining('plain value in token') as string, hint: expect.stringContaining('MILLRACE_SECRET_') as string });
    expect(stored).toContain('"token":"[redacted]"');
    expect(stored).toContain('not JSON [redacted]');
    expect(leaks(stored + JSON.stringify(await millrace.history('deploy/d5')) + logged.join('\n'))).toEqual([]);
    // What the tool itself published is heard; everything that came of it is clean.
    const published = heard.filter((message) => !/^millrace\.(cmd|work)\./.test(message));
    expect(leaks(published.join('\n'))).toEqual([]);
  });
});
