import { isNoResponders, toMillraceError } from '../errors.ts';
import { fine, problem, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';

/** Message schedules and atomic batches came with this level. */
const neededLevel = 2;

/** Whether JetStream is there for this account. */
export async function checkJetStream({ broker, account }: Patient): Promise<Outcome> {
  try {
    const { api } = await account();
    const level = api.level ?? 0;
    if (level < neededLevel) return problem(`JetStream speaks API level ${level}; schedules and batches need ${neededLevel}.`, 'Upgrade nats-server on every machine of the cluster.');
    return fine(`JetStream is on, API level ${level}.`);
  } catch (cause) {
    if (isNoResponders(cause)) {
      return broker.nc.info?.jetstream === true
        ? problem('JetStream is on, but does not answer: it is just starting, or the cluster has no leader.', 'Look again in a moment; then see the log of nats-server.')
        : problem('The server runs without JetStream, so it cannot remember anything.', 'Start nats-server with a `jetstream {}` block, or let `millrace server` run one.');
    }
    const error = toMillraceError(cause, 'ask for JetStream');
    return problem(error.message, error.hint ?? 'See the log of nats-server.');
  }
}
