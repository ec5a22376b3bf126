import type { IncomingMessage, ServerResponse } from 'node:http';
import { TerminalError } from '../../kernel/errors.ts';
import type { Desk } from './desk.ts';
import type { JobKey } from './key.ts';
import { answerTo, faultOf, longestQuestion } from './question.ts';
import { route } from './told.ts';
import { readToken } from './token.ts';

/** One request on the jobs' socket. 200: a `Told`; 400, 401, 404: a `Fault`. A promise that was refused is a 200. */
export async function handle(desk: Desk, key: JobKey, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (status: number, body: object): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
  try {
    if (request.method !== 'POST' || request.url !== route) return say(404, faultOf(new TerminalError('bad_request', `there is only POST ${route}`)));
    const { build } = readToken(key, /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '', Date.now());
    const answer = await answerTo(desk, build, await textOf(request));
    return say('error' in answer ? 400 : 200, answer);
  } catch (error) {
    return say(error instanceof TerminalError && error.code === 'bad_credential' ? 401 : 400, faultOf(error));
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > longestQuestion) throw new TerminalError('bad_promise', `the body is longer than ${longestQuestion} bytes`, { hint: 'shorten the reason' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
