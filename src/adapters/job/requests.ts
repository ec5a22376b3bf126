import type { NatsConnection } from '@nats-io/transport-node';
import type { Desk } from './desk.ts';
import { answerTo, longestQuestion } from './question.ts';
import { allAskSubjects, askSubject, inboxPrefix } from './subjects.ts';

/**
 * Answers jobs that ask over NATS. The server lets a job ask only on its own build's subject, so the subject is
 * believed. An answer goes to that build's inbox and nowhere else: a job could name any subject for it, and the
 * worker, which may publish everywhere, would carry it there.
 */
export function answerRequests(nc: NatsConnection, prefix: string, desk: Desk): () => void {
  const subscription = nc.subscribe(allAskSubjects(prefix), {
    queue: 'millrace-promise',
    callback: (error, message) => {
      if (error !== null) return;
      const build = `run/${message.subject.slice(allAskSubjects(prefix).length - 1)}`;
      const inbox = `${inboxPrefix({ build, prefix })}.`;
      if (message.subject !== askSubject({ build, prefix }) || message.reply?.startsWith(inbox) !== true || message.data.length > longestQuestion) return;
      // Over a connection that is closed by now nobody is answered: the job asks another worker.
      void answerTo(desk, build, message.string()).then((answer) => message.respond(JSON.stringify(answer))).catch(() => undefined);
    },
  });
  return () => subscription.unsubscribe();
}
