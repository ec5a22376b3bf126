import { once } from 'node:events';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type Millrace } from '../../src/connect.ts';
import { inspectorServer, type InspectorServer } from '../../src/adapters/inspector/server.ts';
import { inspection, type InspectionMessage } from '../../src/projections/chart/inspection.ts';
import { readOnlyMachines } from '../../src/read-only-machines.ts';
import { begin, run } from '../support/cli.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { codeOf, create, put } from '../unit/kernel/support/drive.ts';
import { zoo } from '../unit/kernel/support/zoo.ts';

/** What the library's own receiver hears, until there are so many. */
async function receive(server: string, count: number): Promise<readonly StatelyInspectionEvent[]> {
  const heard: StatelyInspectionEvent[] = [];
  const receiver = createWebSocketReceiver({ server });
  return new Promise((resolve) => {
    const { unsubscribe } = receiver.subscribe((event) => {
      heard.push(event);
      if (heard.length < count) return;
      unsubscribe();
      resolve(heard);
    });
  });
}

/** What Stately's types say of each message, checked at run time. */
function requireValid(event: StatelyInspectionEvent): void {
  expect(event).toMatchObject({ sessionId: expect.any(String) as string, rootId: expect.any(String) as string, createdAt: expect.stringMatching(/^\d+$/) as string, id: expect.any(String) as string, _version: expect.any(String) as string });
  if (event.type === '@xstate.actor') {
    expect(typeof event.name).toBe('string');
    expect(JSON.parse(event.definition ?? '')).toMatchObject({ id: expect.any(String) as string });
  } else expect(typeof (event.event as { type: unknown }).type).toBe('string');
  if (event.type !== '@xstate.event') expect(event.snapshot).toMatchObject({ status: expect.stringMatching(/^(active|done|error|stopped)$/) as string, context: expect.anything() as object });
}

const runDefinition = readOnlyMachines().find(({ stamp }) => stamp.name === 'run') ?? readOnlyMachines()[0];

describe('the inspector server', () => {
  const paying = put(create(zoo.order), 'pay', { amount: 20 });
  const seen = inspection([zoo.order]);
  const messages: readonly InspectionMessage[] = paying.log.flatMap((record) => seen.add(record));
  let server: InspectorServer;
  beforeAll(async () => { server = await inspectorServer({ port: 0, feed: async ({ send }) => { for (const message of messages) await send(message); } }); });
  afterAll(async () => server.close());

  it('given the receiver of @statelyai/inspect, when it connects, then it hears every message, each as its types say', async () => {
    const heard = await receive(`ws://127.0.0.1:${server.port}`, messages.length);
    expect(heard).toEqual(JSON.parse(JSON.stringify(messages)));
    for (const event of heard) requireValid(event);
  });

  it('given a page of another origin, when it connects or asks, then it is refused', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}`, { origin: 'https://evil.example' });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('401');
    expect((await fetch(server.url, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${server.url}/etc`)).status).toBe(404);
  });

  it('given its page, then it holds the inspector in a frame, and may load nothing else', async () => {
    const response = await fetch(server.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).toContain('<iframe id="inspector" title="Stately inspector" src="https://stately.ai/inspect" inert>');
  });

  it('given a port that is taken, then it says so', async () => {
    const error = await inspectorServer({ port: server.port, feed: async () => undefined }).catch((cause: unknown) => cause);
    expect(codeOf(() => { throw error; })).toBe('port_taken');
  });
});

describe('millrace chart and inspect', () => {
  let nats: TestNats;
  let millrace: Millrace;
  const env = (): { env: Record<string, string> } => ({ env: { NATS_URL: nats.url } });

  beforeAll(async () => {
    nats = await startNats();
    millrace = await connect({ servers: nats.url });
    if (runDefinition === undefined) throw new Error('there is a machine to look at');
    const driven = put(create(runDefinition, { runner: 'noop', head: [] }), 'cancel', { reason: 'token=abcdefgh12345678' });
    let position = 0;
    for (const record of driven.log) position = await millrace.log.append(record, position);
  });
  afterAll(async () => { await millrace?.close(); await nats?.stop(); });

  it('given an actor, when it is inspected live, then a receiver hears its past, and what happens next', async () => {
    const inspect = await begin(['inspect', 'run/a1', '--port', '0', '-o', 'json'], env());
    try {
      await inspect.sees('"socket"');
      const { socket } = JSON.parse(inspect.stdout()) as { socket: string };
      const heard = await receive(socket, 5);
      for (const event of heard) requireValid(event);
      expect(heard.map(({ type }) => type)).toEqual(['@xstate.actor', '@xstate.event', '@xstate.snapshot', '@xstate.event', '@xstate.snapshot']);
      expect(JSON.stringify(heard)).not.toContain('abcdefgh12345678');
    } finally {
      expect((await inspect.stop()).code).toBe(0);
    }
  });

  it('given a recorded log, when it is replayed fast, then each listener hears it from its beginning', async () => {
    const inspect = await begin(['inspect', 'run/a1', '--replay', '--speed', '1000', '--port', '0', '-o', 'json'], env());
    try {
      await inspect.sees('"socket"');
      const { socket } = JSON.parse(inspect.stdout()) as { socket: string };
      expect(await receive(socket, 5)).toEqual(await receive(socket, 5));
    } finally {
      await inspect.stop();
    }
  });

  it('given an actor, when its machine is drawn, then the states it was in are lit', async () => {
    const [svg, lit] = await Promise.all([run(['chart', 'run', '--svg', '--depth', '1', '--at', 'run/a1@1'], env()), run(['chart', 'run', '--at', 'run/a1', '-o', 'json'], env())]);
    expect(svg.stdout).toContain('<title>run/a1 after record 1 of 2</title>');
    expect(svg.stdout).toMatch(/class="state compound active passed" data-state="run.triggering"/);
    expect(lit.json).toMatchObject({ name: 'run', states: expect.any(Array) as object, active: expect.arrayContaining(['run']) as string[], caption: 'run/a1 after record 2 of 2' });
  });
});
