import type { Question } from './ask-socket.ts';
import { settle } from './ask-socket.ts';
import { askSubject, inboxPrefix } from './subjects.ts';
import type { JobClaims } from './token.ts';
import type { Told } from './told.ts';

/** Asks any worker, by the job's credential. Undefined: nobody answered, or the server let us not in. @throws as `askSocket`. */
export async function askNats(url: string, token: string, claims: JobClaims, question: Question): Promise<Told | undefined> {
  // Loaded only when it is needed: most calls end at the socket.
  const { connect } = await import('@nats-io/transport-node');
  const nc = await connect({
    servers: url, user: claims.build, pass: token, inboxPrefix: inboxPrefix(claims), name: 'millrace-job',
    reconnect: false, timeout: Math.min(5_000, question.deadlineMs), noAsyncTraces: true,
  }).catch(() => undefined);
  if (nc === undefined) return undefined;
  try {
    const answer = await nc.request(askSubject(claims), JSON.stringify(question), { timeout: question.deadlineMs + 500 }).catch(() => undefined);
    if (answer === undefined) return undefined;
    return await new Promise((resolve, reject) => settle(answer.string(), resolve, reject));
  } finally {
    await nc.close();
  }
}
