import type { Effect } from '../../kernel/effect.ts';
import { jsonProblem } from '../../kernel/canonical.ts';
import { RetryableError, TerminalError, type Failure } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import type { EffectId } from '../../kernel/record.ts';
import { redact } from '../../kernel/redact.ts';
import { redactData } from '../../kernel/redact-json.ts';
import type { SecretReference } from '../../kernel/secret.ts';
import { failureOf } from '../failure.ts';
import type { Cell, Fact, HostContext } from './context.ts';
import { effectKey } from './key.ts';

type Start = Pick<Extract<Effect, { kind: 'activity.start' }>, 'id' | 'activity' | 'src' | 'input'>;

/** Run the code beside the mailbox; how it ended comes back through the mailbox as a fact. */
export function startActivity(host: HostContext, cell: Cell, start: Start): void {
  // A worker that shuts down begins nothing: the delivery goes back, and the next worker runs it.
  if (cell.running.has(start.id) || cell.leftOff || host.phase !== 'running') return;
  const controller = new AbortController();
  cell.running.set(start.id, controller);
  void run(host, cell, start, controller.signal).then((fact) => {
    // It was left off: how it ended is for whoever goes on with it to find out.
    if (cell.running.get(start.id) !== controller) return;
    if (fact === undefined) cell.running.delete(start.id);
    else host.enqueue(cell, { kind: 'fact', fact, cause: start.id, effect: start.id });
  });
}

async function run(host: HostContext, cell: Cell, start: Start, signal: AbortSignal): Promise<Fact | undefined> {
  const { activity, id: effect } = start;
  // What this run was given of secrets: none of it may come back.
  const given: string[] = [];
  try {
    const output = mask(await callCode(host, cell, start, signal, given), given);
    return { type: 'activity.completed', data: { activity, effect, output } };
  } catch (error) {
    // A worker that shuts down interrupts work; the next worker runs it again. That is no failure of the work.
    if (host.phase !== 'running' && signal.aborted) return undefined;
    return { type: 'activity.failed', data: { activity, effect, error: maskedFailure(failureOf(error, signal), given) } };
  }
}

async function callCode(host: HostContext, cell: Cell, start: Start, signal: AbortSignal, given: string[]): Promise<Json> {
  const code = cell.definition.activities[start.src];
  if (code === undefined) {
    throw new TerminalError('unknown_activity', `this worker has no code for the activity "${start.src}"`, { hint: 'register the activity, or run a worker that has it' });
  }
  const { actor } = cell;
  const progress = (message: string, percent?: number): void =>
    host.signals.status(actor, { actor, activity: start.activity, message: redact(message, given), ...(percent === undefined ? {} : { percent }) });
  const scope = { input: start.input as never, signal, actor, effect: start.id, key: effectKey(actor, start.id), progress, secret: secretsOf(host, given), now: host.clock.now, wait: (ms: number) => waitFor(host, ms, signal) };
  const output = (await code(scope)) ?? null;
  const problem = jsonProblem(output);
  if (problem !== undefined) {
    throw new TerminalError('output_not_json', `what the activity "${start.activity}" returned is not plain JSON at ${problem}`, { hint: 'return plain objects, arrays, strings, numbers, booleans and null' });
  }
  return output as Json;
}

/** What looks like a secret goes when the record is made; here it is what this run was given. */
const mask = <T extends Json>(value: T, given: readonly string[]): T => (given.length === 0 ? value : redactData(value, given));

const maskedFailure = ({ message, hint, ...rest }: Failure, given: readonly string[]): Failure =>
  ({ ...rest, message: mask(message, given), ...(hint === undefined ? {} : { hint: mask(hint, given) }) });

function secretsOf({ secrets }: HostContext, given: string[]): (reference: SecretReference) => string {
  return ({ $secret: name }) => {
    const value = secrets?.(name);
    if (value === undefined || value === '') {
      throw new RetryableError('no_such_secret', `this worker was not given the secret ${name}`, { hint: `start it with the variable MILLRACE_SECRET_${name}` });
    }
    given.push(value);
    return value;
  };
}

function waitFor(host: HostContext, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const giveUp = (): void => {
      disarm();
      reject(signal.reason as Error);
    };
    const disarm = host.clock.after(ms, () => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    });
    signal.addEventListener('abort', giveUp, { once: true });
  });
}

const unwanted = (): TerminalError => new TerminalError('aborted', 'the chart no longer wants this activity');

export function abortActivity(cell: Cell, effect: EffectId): void {
  cell.running.get(effect)?.abort(unwanted());
}

/** After a crash: run again, under the same keys, whatever the log says is running. */
export function resumeActivities(host: HostContext, cell: Cell): void {
  if (cell.leftOff) return;
  for (const [key, running] of Object.entries(cell.state?.activities ?? {})) {
    const id = key as EffectId;
    if (cell.running.has(id)) continue;
    if (!running.aborting) {
      startActivity(host, cell, { id, activity: running.activity, src: running.src, input: running.input });
      continue;
    }
    // Nobody runs it any more and nobody wants it to: it ended as if it had still been there to abort.
    const error = failureOf(unwanted(), AbortSignal.abort(unwanted()));
    cell.running.set(id, new AbortController());
    host.enqueue(cell, { kind: 'fact', cause: id, effect: id, fact: { type: 'activity.failed', data: { activity: running.activity, effect: id, error } } });
  }
}
