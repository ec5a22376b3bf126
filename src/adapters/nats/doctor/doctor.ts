import type { Broker } from '../broker.ts';
import { toMillraceError } from '../errors.ts';
import { checkAppend } from './append.ts';
import { checkClock } from './clock.ts';
import { checkConnection } from './connection.ts';
import { checkDeadLetters } from './dead-letters.ts';
import { problem, unknown, type Finding, type Outcome } from './finding.ts';
import { checkJetStream } from './jetstream.ts';
import type { DoctorOptions } from './options.ts';
import { admit, type Patient } from './patient.ts';
import { checkPermissions } from './permissions.ts';
import { checkReplicas } from './replicas.ts';
import { checkSpace } from './space.ts';
import { checkStorage } from './storage.ts';
import { checkStreams } from './streams.ts';
import { checkSync } from './sync.ts';
import { versionCheck } from './version.ts';
import { checkWorkers } from './workers.ts';

type Check = (patient: Patient) => Outcome | undefined | Promise<Outcome | undefined>;

/** In the order in which they are told. */
const needsNothing: readonly (readonly [string, Check])[] = [
  ['connection', checkConnection], ['version', versionCheck], ['jetstream', checkJetStream],
];
const needsJetStream: readonly (readonly [string, Check])[] = [
  ['streams', checkStreams], ['sync', checkSync], ['storage', checkStorage], ['replicas', checkReplicas], ['space', checkSpace], ['append', checkAppend],
  ['clock', checkClock], ['permissions', checkPermissions], ['workers', checkWorkers], ['dead-letters', checkDeadLetters],
];

/**
 * Is this broker safe and set up? Looks only: nothing on the broker is changed, but for the stream that
 * `append` makes and removes. A check that has nothing to look at yet is left out.
 */
export async function examine(broker: Broker, options: DoctorOptions = {}): Promise<readonly Finding[]> {
  const patient = admit(broker, options);
  const first = await all(patient, needsNothing);
  // Without JetStream the rest would say the same ten times over.
  return first.at(-1)?.level === 'ok' ? [...first, ...await all(patient, needsJetStream)] : first;
}

async function all(patient: Patient, checks: readonly (readonly [string, Check])[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [check, look] of checks) {
    const outcome = await attempt(patient, look, check);
    if (outcome !== undefined) found.push({ check, ...outcome });
  }
  return found;
}

async function attempt(patient: Patient, look: Check, name: string): Promise<Outcome | undefined> {
  try {
    return await look(patient);
  } catch (cause) {
    const error = toMillraceError(cause, `check ${name}`);
    const advice = error.hint ?? 'See the log of nats-server.';
    // Which right is missing to look is the business of the check of permissions.
    return error.code === 'no_permission' ? unknown(`unknown: ${error.message}`, advice) : problem(error.message, advice);
  }
}
