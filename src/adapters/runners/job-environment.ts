import { MillraceError, RetryableError, TerminalError } from '../../kernel/errors.ts';
import type { ActorName } from '../../kernel/record.ts';
import { looksSecret, redact } from '../../kernel/redact.ts';

/**
 * What the job of a run gets in its environment besides what its request says: credentials, perhaps. A runner
 * puts the values into the job's environment and nowhere else, and hides the secrets among them in the output.
 */
export type JobEnvironment = (actor: ActorName) => Promise<Readonly<Record<string, string>>>;

/** The variable that every job has: the name of the run's actor, which is its idempotency key. */
export const buildVariable = 'MILLRACE_BUILD';

/**
 * The variables of one job. No error repeats what the hook said.
 * @throws TerminalError `bad_job_environment`, RetryableError `job_environment_failed`, and Millrace's own errors as the hook threw them.
 */
export async function jobEnvironmentOf(actor: string, hook: JobEnvironment | undefined): Promise<Record<string, string>> {
  const given = await ask(actor, hook);
  for (const [name, value] of Object.entries(given)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && typeof value === 'string' && !value.includes('\0')) continue;
    throw new TerminalError('bad_job_environment', `The job environment of ${actor} has a variable "${name}" that cannot be one.`, { hint: 'Use names of letters, digits and _, and text without NUL.' });
  }
  return { ...given, [buildVariable]: actor };
}

async function ask(actor: string, hook: JobEnvironment | undefined): Promise<Readonly<Record<string, string>>> {
  try {
    return (await hook?.(actor as ActorName)) ?? {};
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    throw new RetryableError('job_environment_failed', `The job environment of ${actor} could not be had.`, { hint: 'Look at what gives it; the build is tried again.' });
  }
}

/** Shorter ones are in everything, and no secret. */
const shortestSecret = 8;

/**
 * What of these variables must not be shown: the values whose names look secret, or that hold a secret of a known
 * shape. Line by line, because a line is what is printed at once; the longest first, because one may hold another.
 */
export const secretsIn = (variables: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(variables).filter(([name, value]) => looksSecret(name) || redact(value) !== value)
    .flatMap(([, value]) => value.split('\n')).map((line) => line.trim())
    .filter((line) => line.length >= shortestSecret).toSorted((one, other) => other.length - one.length);

/** Shows the secrets among these variables as `***`. */
export function hiding(variables: Readonly<Record<string, string>>): (text: string) => string {
  const secrets = secretsIn(variables);
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
}
