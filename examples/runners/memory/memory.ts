import { TerminalError } from '../../../src/index.ts';
import type { BuildId, BuildRunner, Metadata, RunSample } from '../../../src/adapters/runners/contract/cases.ts';

interface Job {
  readonly metadata: Metadata;
  status: RunSample['status'];
}

/** What outlives the workers: the jobs of a backend that is a map, by the idempotency key that named them. */
export type Jobs = Map<string, Job>;

/** A runner of your own, as small as one can be: each look takes a job one step on, as its metadata `course` says. */
export function memoryRunner(jobs: Jobs): BuildRunner {
  const find = (id: BuildId): Job => {
    const job = jobs.get(id);
    if (job !== undefined) return job;
    throw new TerminalError('unknown_build', `There is no job "${id}".`, { hint: 'Use an id that trigger returned.' });
  };
  return {
    name: 'memory',
    async trigger({ metadata, idempotencyKey }) {
      const id = Buffer.from(idempotencyKey).toString('base64url') as BuildId;
      if (!jobs.has(id)) jobs.set(id, { metadata, status: 'accepted' });
      return Promise.resolve(id);
    },
    async status(id) {
      const job = find(id);
      const sample = { status: job.status, metadata: job.metadata };
      if (job.status === 'accepted') job.status = 'running';
      else if (job.status === 'running' && job.metadata.course !== 'hang') job.status = job.metadata.course === 'fail' ? 'failed' : 'succeeded';
      return Promise.resolve(sample);
    },
    async cancel(id) {
      const job = find(id);
      if (job.status === 'accepted' || job.status === 'running') job.status = 'cancelled';
      return Promise.resolve();
    },
  };
}
