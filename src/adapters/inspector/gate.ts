import type { IncomingMessage } from 'node:http';

/**
 * Why a request is not served; undefined when it is. Only this machine may ask, under a name of this machine: a
 * page of another origin could otherwise read the messages, and so could one whose name was made to mean this
 * machine. A program has no origin and is let in.
 */
export function refusal({ headers }: Pick<IncomingMessage, 'headers'>, port: number): string | undefined {
  const own = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${port}`);
  const { host, origin } = headers;
  if (host === undefined || !own.includes(host)) return `the host ${host ?? '(none)'} is not this machine's own`;
  if (origin !== undefined && !own.some((one) => origin === `http://${one}`)) return `pages of ${origin} may not listen`;
  return undefined;
}
