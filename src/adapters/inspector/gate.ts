import type { IncomingMessage } from 'node:http';

/** What this machine is called on a port by itself. */
export const loopbackNames = (port: number): readonly string[] => ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${port}`);

/**
 * Why a request is not served; undefined when it is. It must be under one of the server's `own` names, `host:port`: a
 * page of another origin could otherwise read the messages, and so could one whose name was made to mean this
 * machine. A program has no origin and is let in.
 */
export function refusal({ headers }: Pick<IncomingMessage, 'headers'>, own: readonly string[]): string | undefined {
  const { host, origin } = headers;
  if (host === undefined || !own.includes(host)) return `the host ${host ?? '(none)'} is not this machine's own`;
  if (origin !== undefined && !own.some((one) => origin === `http://${one}` || origin === `https://${one}`)) return `pages of ${origin} may not listen`;
  return undefined;
}
