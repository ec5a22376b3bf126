import type { JobClaims } from './token.ts';

/** Where jobs ask over NATS: `<prefix>.promise.<id of the run>`. The subject says for whom. */
export const askSubject = ({ build, prefix }: Pick<JobClaims, 'build' | 'prefix'>): string => `${prefix}.promise.${build.slice('run/'.length)}`;

/** Every job's, for who answers. */
export const allAskSubjects = (prefix: string): string => `${prefix}.promise.*`;

/** The only inbox a job hears: its build's own. */
export const inboxPrefix = ({ build, prefix }: Pick<JobClaims, 'build' | 'prefix'>): string => `_JOB.${prefix}.${build.slice('run/'.length)}`;
