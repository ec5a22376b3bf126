import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import type { IncomingMessage } from 'node:http';
import { TerminalError } from '../../kernel/errors.ts';

/** A token that opens the console, and the name its commands are recorded under. */
export interface Token {
  readonly name: string;
  readonly secret: string;
}

export interface Access {
  /** Who asks, by the session's cookie, or `by` where no token is needed; undefined: nobody who may. */
  who(request: Pick<IncomingMessage, 'headers'>): string | undefined;
  /** The cookie for who knows a token; undefined for a wrong one, `later` after too many wrong ones. */
  enter(secret: string): { readonly cookie: string } | 'later' | undefined;
}

export interface AccessOptions {
  readonly tokens: readonly Token[];
  /** Who asks where no token is needed. */
  readonly by: string;
  readonly port: number;
  readonly now?: () => number;
}

/** Wrong tokens taken in a minute before all must wait. */
const wrongAMinute = 20;
const sessionsKept = 1_000;

export function access({ tokens, by, port, now = Date.now }: AccessOptions): Access {
  const sessions = new Map<string, string>();
  // Cookies are not told apart by port: two consoles on one machine must not take each other's.
  const name = `millrace_${port}`;
  let wrong: number[] = [];
  return {
    who({ headers }) {
      if (tokens.length === 0) return by;
      const value = (headers.cookie ?? '').split(';').map((one) => one.trim().split('=')).find(([key]) => key === name)?.[1];
      return value === undefined ? undefined : sessions.get(digest(value).toString('hex'));
    },
    enter(secret) {
      wrong = wrong.filter((at) => now() - at < 60_000);
      if (wrong.length >= wrongAMinute) return 'later';
      const given = digest(secret);
      // All are compared, each in constant time: how long it takes says nothing.
      const [known] = tokens.filter((token) => timingSafeEqual(digest(token.secret), given));
      if (known === undefined) {
        wrong.push(now());
        return undefined;
      }
      const value = randomBytes(32).toString('base64url');
      sessions.set(digest(value).toString('hex'), known.name);
      const [oldest] = sessions.keys();
      if (sessions.size > sessionsKept && oldest !== undefined) sessions.delete(oldest);
      return { cookie: `${name}=${value}; Path=/; HttpOnly; SameSite=Strict` };
    },
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Loopback by any of its names: nobody else can reach it there. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** @throws TerminalError `bad_name` for what no browser can say as the host it asks: it says `host:port`, or `host` for the usual port. */
export function requireHostName(name: string): void {
  if (saidHosts(name).includes(name)) return;
  const [, inside = ''] = /^(?:\w+:\/\/)?([^/]*)/.exec(name) ?? [];
  const [meant = 'builds.example:8443'] = saidHosts(inside).toReversed();
  throw new TerminalError('bad_name', `no browser calls a server ${JSON.stringify(name)}`, { hint: `give its host and port alone, in small letters, such as ${meant}` });
}

/** What a browser would say of this host: either scheme drops the port that is usual with it. */
function saidHosts(text: string): readonly string[] {
  try {
    return ['http', 'https'].map((scheme) => new URL(`${scheme}://${text}`).host);
  } catch {
    return [];
  }
}

/** `host:port` as a browser may say it for this server; another name was made to mean this machine. */
export function ownNames(host: string, port: number, more: readonly string[] = []): readonly string[] {
  const everywhere = host === '0.0.0.0' || host === '::';
  const addresses = everywhere ? Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)) : [host];
  const names = new Set([...(isLoopback(host) || everywhere ? ['127.0.0.1', 'localhost', '::1'] : []), ...addresses, ...(everywhere ? [hostname()] : [])]);
  return [...[...names].map((one) => `${one.includes(':') ? `[${one}]` : one}:${port}`), ...more];
}
