import { TerminalError } from '../../../kernel/errors.ts';
import { factsOf, type ServerFacts } from './facts.ts';

/** Ask a server's monitoring port, as `http://127.0.0.1:8222`. @throws TerminalError `no_monitor`. */
export async function askMonitor(url: string): Promise<ServerFacts> {
  const failed = (why: string, cause?: unknown): TerminalError =>
    new TerminalError('no_monitor', `The monitoring address ${shown(url)} does not answer as one: ${why}.`,
      { hint: 'Give the address of the http_port of nats-server to --monitor, such as http://127.0.0.1:8222.', cause });
  let answer: unknown;
  try {
    const at = new URL('varz', `${url.replace(/\/+$/, '')}/`);
    // A proxy before the port may want a password; fetch takes none in an address.
    const headers = new Headers();
    if (at.username !== '') headers.set('authorization', `Basic ${Buffer.from(`${decodeURIComponent(at.username)}:${decodeURIComponent(at.password)}`).toString('base64')}`);
    [at.username, at.password] = ['', ''];
    const response = await fetch(at, { headers, signal: AbortSignal.timeout(3_000) });
    if (!response.ok) throw new Error(`it says ${response.status}`);
    answer = await response.json();
  } catch (cause) {
    throw failed(reason(cause), cause);
  }
  const facts = factsOf(answer);
  if (facts === undefined) throw failed('it is no nats-server');
  return facts;
}

/** Without the user and password that an address may carry. */
const shown = (url: string): string => url.replace(/^(\w+:\/\/)?[^@/]*@/, '$1');

/** What fetch raises says little; its cause says why. */
function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error && cause.cause.message !== '' ? cause.cause.message : cause.message;
}
