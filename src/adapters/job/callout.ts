import { decode, encodeAuthorizationResponse, encodeUser } from '@nats-io/jwt';
import { fromPublic } from '@nats-io/nkeys';
import type { NatsConnection } from '@nats-io/transport-node';
import type { JobKey } from './key.ts';
import { longestQuestion } from './question.ts';
import { askSubject, inboxPrefix } from './subjects.ts';
import { readToken } from './token.ts';

/** Where nats-server asks who somebody is. */
const authSubject = '$SYS.REQ.USER.AUTH';

/** What the server says of somebody who wants in. */
interface AuthRequest {
  readonly user_nkey: string;
  readonly server_id: { readonly id: string };
  readonly connect_opts: { readonly user?: string; readonly pass?: string };
}

/**
 * Answers the server's `auth_callout`: whoever brings a job's credential as password may ask for that job's
 * build and hear the answer, and nothing else; everybody else is turned away. Needs nats-server 2.10 or newer with
 * this key as `issuer`.
 */
export function answerCallouts(nc: NatsConnection, { key, account = '$G', now = Date.now }: { readonly key: JobKey; readonly account?: string; readonly now?: () => number }): () => void {
  const subscription = nc.subscribe(authSubject, {
    queue: 'millrace-auth',
    callback: (error, message) => {
      if (error !== null) return;
      // A question that cannot be read gets no answer: the server lets nobody in without one.
      void admit(key, account, now(), message.string()).then((answer) => message.respond(answer), () => undefined);
    },
  });
  return () => subscription.unsubscribe();
}

async function admit(key: JobKey, account: string, now: number, text: string): Promise<string> {
  const { user_nkey: userKey, server_id: server, connect_opts: { pass = '' } } = decode<AuthRequest>(text).nats as AuthRequest;
  const [user, to] = [fromPublic(userKey), fromPublic(server.id)];
  const answer = await jobUser(key, account, now, pass, userKey).then((jwt) => ({ jwt }), () => ({ error: 'not the credential of a job' }));
  return await encodeAuthorizationResponse(user, to, key.pair, answer, {});
}

async function jobUser(key: JobKey, account: string, now: number, token: string, userKey: string): Promise<string> {
  const claims = readToken(key, token, now);
  return await encodeUser(claims.build, fromPublic(userKey), key.pair, {
    pub: { allow: [askSubject(claims)], deny: [] },
    sub: { allow: [`${inboxPrefix(claims)}.>`], deny: [] },
    subs: 10, data: -1, payload: longestQuestion,
  }, { aud: account, exp: Math.floor(claims.expires / 1000) });
}
