import type { Check } from './invariant.ts';

/** A terminal state never changes; stopped is not terminal. */
export const s3: Check = ({ broker, chronicle, nudges, restless }) => [
  ...chronicle.all().flatMap(({ actor, afterEnd }) => afterEnd.map((text) => `${actor} had ended, and then came ${text}`)),
  ...nudges.flatMap(({ actor, id, records, had }) => {
    const now = chronicle.of(actor)?.records.length ?? 0;
    if (had === 'ended') return now === records ? [] : [`${actor} had ended after ${records} records, and now has ${now}`];
    if (restless !== undefined) return [];
    const accepted = broker.queue.replies.some(({ subject, body }) => subject === `reply.${id}` && body.accepted === true);
    return accepted && now > records ? [] : [`${actor} was stopped, and "start" was not taken`];
  }),
];
