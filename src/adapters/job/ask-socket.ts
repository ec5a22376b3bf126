import { connect } from 'node:net';
import { TerminalError } from '../../kernel/errors.ts';
import { route, type Fault, type Told } from './told.ts';

export interface Question {
  readonly exitStatus: number;
  readonly reason?: string;
  readonly deadlineMs: number;
}

/**
 * Undefined: nobody answered there. @throws TerminalError when the question itself is wrong.
 *
 * HTTP by hand: a test suite makes a process for each call, and `node:http` costs each of them three times as much
 * as the call. In HTTP/1.0 the answer ends with the connection, and is not in chunks.
 */
export function askSocket(path: string, token: string, question: Question): Promise<Told | undefined> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(question);
    const socket = connect(path);
    let answer = '';
    socket.setEncoding('utf8').setTimeout(question.deadlineMs + 1000, () => socket.destroy());
    socket.on('data', (text: string) => { answer += text; });
    // What came before it broke is no answer: it is not JSON.
    socket.on('error', () => undefined);
    socket.once('close', () => settle(answer.slice(answer.indexOf(endOfHeaders) + endOfHeaders.length), resolve, reject));
    // Not ended: whoever ends its half hears nothing any more from an HTTP server of Node's.
    socket.write([
      `POST ${route} HTTP/1.0`, `Authorization: Bearer ${token}`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, '', body,
    ].join('\r\n'));
  });
}

const endOfHeaders = '\r\n\r\n';

/** An answer as it came, from wherever. What is none counts as silence. */
export function settle(text: string, resolve: (told: Told | undefined) => void, reject: (error: TerminalError) => void): void {
  const answer = answerIn(text);
  if (answer === undefined || !('error' in answer)) return resolve(answer);
  const { code, message, hint } = answer.error;
  // Trouble of the worker's is no verdict; what is wrong with the question stays wrong.
  if (code === 'asking_failed') return resolve(undefined);
  reject(new TerminalError(code, message, hint === undefined ? {} : { hint }));
}

function answerIn(text: string): Told | Fault | undefined {
  try {
    const answer = JSON.parse(text) as Partial<Told & Fault> | null;
    const isOne = typeof answer?.accepted === 'boolean' ? outcomes.has(String(answer.outcome)) : typeof answer?.error?.code === 'string';
    return isOne ? (answer as Told | Fault) : undefined;
  } catch {
    return undefined;
  }
}

const outcomes: ReadonlySet<string> = new Set<Told['outcome']>(['declared', 'debounced', 'unknown']);
