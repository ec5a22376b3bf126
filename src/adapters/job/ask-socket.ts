import { request } from 'node:http';
import { TerminalError } from '../../kernel/errors.ts';
import { route, type Fault, type Told } from './told.ts';

export interface Question {
  readonly exitStatus: number;
  readonly reason?: string;
  readonly deadlineMs: number;
}

/** Undefined: nobody answered there. @throws TerminalError when the question itself is wrong. */
export function askSocket(path: string, token: string, question: Question): Promise<Told | undefined> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(question);
    const call = request({
      socketPath: path, path: route, method: 'POST', agent: false, timeout: question.deadlineMs + 1000,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', () => resolve(undefined));
      response.once('end', () => settle(Buffer.concat(chunks).toString('utf8'), resolve, reject));
    });
    call.once('error', () => resolve(undefined));
    call.once('timeout', () => call.destroy());
    call.end(body);
  });
}

/** An answer as it came, from wherever. */
export function settle(text: string, resolve: (told: Told | undefined) => void, reject: (error: TerminalError) => void): void {
  let answer: Told | Fault;
  try {
    answer = JSON.parse(text) as Told | Fault;
  } catch {
    return resolve(undefined);
  }
  if (!('error' in answer)) return resolve(answer);
  const { code, message, hint } = answer.error;
  // Trouble of the worker's is no verdict; what is wrong with the question stays wrong.
  if (code === 'asking_failed') return resolve(undefined);
  reject(new TerminalError(code, message, hint === undefined ? {} : { hint }));
}
