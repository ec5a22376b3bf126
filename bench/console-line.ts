import { WebSocket } from 'ws';
import type { Answered, Question, Questions } from '../src/console/protocol.ts';

/** A page as the console's server sees it, without a browser. */
export interface Line {
  ask<Q extends Question>(ask: Q, given: Questions[Q]['ask']): Promise<Questions[Q]['answer']>;
  /** Messages and bytes so far. */
  pushes(): number;
  bytes(): number;
  close(): void;
}

export async function openLine(url: string): Promise<Line> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, { origin: url });
  const waiting = new Map<number, (answer: Answered) => void>();
  let [last, pushes, bytes] = [0, 0, 0];
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
    const message = JSON.parse(data.toString('utf8')) as Partial<Answered> & { push?: string };
    if (message.push !== undefined) pushes++;
    else if (message.id !== undefined) {
      waiting.get(message.id)?.(message as Answered);
      waiting.delete(message.id);
    }
  });
  await new Promise((resolve, reject) => { socket.once('open', resolve).once('error', reject); });
  return {
    async ask<Q extends Question>(ask: Q, given: Questions[Q]['ask']) {
      const id = ++last;
      const answer = new Promise<Answered>((resolve) => { waiting.set(id, resolve); });
      socket.send(JSON.stringify({ id, ask, ...given }));
      const message = await answer;
      if ('no' in message) throw new Error(`${message.no.code}: ${message.no.message}`);
      return message.yes;
    },
    pushes: () => pushes, bytes: () => bytes,
    close: () => { socket.terminate(); },
  };
}
