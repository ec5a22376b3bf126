import type { Msg, NatsConnection, SubscriptionOptions } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { promiseDesk } from '../../../src/adapters/job/desk.ts';
import { answerRequests } from '../../../src/adapters/job/requests.ts';
import { systemClock } from '../../../src/runtime/clock.ts';

it('given a job that asked over a connection that has closed since, when its answer is there, then the worker lives on', async () => {
  let ask: SubscriptionOptions['callback'];
  const nc = { subscribe: (_subject: string, options: SubscriptionOptions) => { ask = options.callback; return { unsubscribe: () => undefined }; } } as unknown as NatsConnection;
  const desk = promiseDesk({ declare: async () => true, verdict: async () => ({ verdict: 'accepted' }) }, systemClock);
  answerRequests(nc, 'millrace', desk);
  const tried: string[] = [];
  const respond = (text: string): boolean => { tried.push(text); throw new Error('closed connection'); };
  const unheard: unknown[] = [];
  const note = (error: unknown): void => { unheard.push(error); };
  process.on('unhandledRejection', note);
  void ask?.(null, { subject: 'millrace.promise.b1', reply: '_JOB.millrace.b1.1', data: new Uint8Array(), string: () => '{"exitStatus":1}', respond } as unknown as Msg);
  // Node tells of what nobody handles once the promises of this turn are done.
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  process.off('unhandledRejection', note);
  expect(tried).toEqual(['{"outcome":"declared","accepted":true}']);
  expect(unheard).toEqual([]);
});
