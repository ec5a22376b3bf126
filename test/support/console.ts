import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Answered, Asked, Pushed, Question, Questions } from '../../src/console/protocol.ts';
import { eventually } from './broker.ts';

/** A page as the console's server sees it, without a browser. */
export interface TestPage {
  readonly pushed: Pushed[];
  /** @throws an Error with the code when it is not answered. */
  ask<Q extends Question>(ask: Q, given: Questions[Q]['ask']): Promise<Questions[Q]['answer']>;
  /** The first push, of those that have come or will, for which `is` gives something. */
  hear<T>(is: (pushed: Pushed) => T | undefined, limitMs?: number): Promise<T>;
  readonly socket: WebSocket;
  close(): void;
}

/** @throws when the server does not let it in. */
export async function openPage(url: string, headers: Readonly<Record<string, string>> = {}): Promise<TestPage> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, { headers: { origin: url, ...headers } });
  const pushed: Pushed[] = [];
  const waiting = new Map<number, (message: Answered) => void>();
  let last = 0;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as Answered | Pushed;
    if ('push' in message) pushed.push(message);
    else waiting.get(message.id)?.(message);
  });
  await once(socket, 'open');
  return {
    socket, pushed,
    async ask<Q extends Question>(ask: Q, given: Questions[Q]['ask']) {
      const id = ++last;
      const answer = new Promise<Answered>((resolve) => { waiting.set(id, resolve); });
      socket.send(JSON.stringify({ id, ask, ...given } as unknown as Asked));
      const message = await answer;
      if ('yes' in message) return message.yes as Questions[Q]['answer'];
      throw Object.assign(new Error(message.no.message), { code: message.no.code });
    },
    async hear<T>(is: (one: Pushed) => T | undefined, limitMs = 15_000) {
      let found: T | undefined;
      await eventually(() => {
        found = pushed.map(is).find((one) => one !== undefined);
        return found !== undefined;
      }, limitMs);
      return found as T;
    },
    close: () => { socket.terminate(); },
  };
}
