import type { Json, JsonObject } from '../kernel/json.ts';
import type { ActorName, LogRecord } from '../kernel/record.ts';
import type { Status } from '../kernel/state.ts';
import type { ActorView } from './view.ts';

/** What is known of one build at a runner. Null is "not yet", or "not said". */
export interface RunView {
  readonly actor: ActorName;
  readonly status: Status;
  readonly value: Json;
  readonly seq: number;
  readonly runner: string;
  readonly buildId: string | null;
  /** What the runner said last: accepted, running, succeeded, failed, cancelled, unknown. */
  readonly runnerStatus: string;
  /** What was given to the trigger, and what the runner told. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly url: string | null;
  /** It can be stopped and started. */
  readonly pausable: boolean;
  /** When it is cancelled for taking too long, ms since the epoch; null once it has ended, and while it is stopped. */
  readonly deadline: number | null;
  /** While it is stopped: how much time it has once it goes on. */
  readonly leftMs: number | null;
  /** Calls to the runner that failed one after the other up to now. */
  readonly failures: number;
  readonly lastFailure: { readonly at: number; readonly call: string; readonly code: string; readonly message: string } | null;
  /** Why it is being cancelled; null while it is wanted. */
  readonly unwanted: string | null;
  /** A failure that was promised: `exitStatus`, and why. */
  readonly promised: JsonObject | null;
  /** Its output: how it ended, and why. */
  readonly ended: JsonObject | null;
}

/** The view and the log of one run, as people ask about it. Pure. */
export function runView({ actor, status, value, seq, context }: ActorView, records: readonly LogRecord[]): RunView {
  const run = objectOf(context);
  const ended = isObject(run.ended) ? run.ended : null;
  const told = { ...objectOf(objectOf(run.request).metadata), ...objectOf(ended?.metadata) };
  const metadata = Object.fromEntries(Object.entries(told).map(([key, held]) => [key, textOf(held)]));
  return {
    actor, status, value, seq,
    runner: textOf(objectOf(run.request).runner), buildId: textOf(run.buildId) || null, runnerStatus: textOf(run.status) || 'unknown',
    metadata, url: metadata.url || textOf(run.url) || null,
    pausable: run.pausable === true,
    deadline: ended === null ? numberOf(run.deadlineAt) : null, leftMs: ended === null ? numberOf(run.leftMs) : null,
    failures: numberOf(run.failures) ?? 0,
    lastFailure: lastFailureIn(records),
    unwanted: textOf(objectOf(run.unwanted).reason) || null,
    promised: isObject(run.promised) ? run.promised : null,
    ended,
  };
}

/** What was aborted because the chart wanted something else is no failure. */
function lastFailureIn(records: readonly LogRecord[]): RunView['lastFailure'] {
  const failed = records.findLast(({ type, data }) => type === 'activity.failed' && objectOf(data.error).code !== 'aborted');
  if (failed === undefined) return null;
  const { code, message } = objectOf(failed.data.error);
  return { at: failed.at, call: textOf(failed.data.activity), code: textOf(code), message: textOf(message) };
}

/** How a run ended, in lines for people: why, whose fault it is, where to look. */
export function runEndingLines(actor: ActorName, status: Status, output: Json): readonly string[] {
  const { reason, hint, infrastructure, buildId, metadata, exitStatus } = objectOf(output);
  const { failedSide, url, artifact } = objectOf(metadata);
  const lines = [`${actor} ${status}${textOf(reason) === '' || status === 'completed' ? '' : `: ${textOf(reason)}`}`];
  if (textOf(hint) !== '') lines.push(textOf(hint));
  if (infrastructure === true) lines.push('the runner or the way to it is to blame, not the change');
  else if (failedSide === 'base') lines.push('the base fails already, which was assumed good; the head was not judged');
  else if (failedSide === 'head') lines.push('the head fails');
  if (textOf(buildId) !== '') lines.push(`build ${textOf(buildId)}${textOf(url) === '' ? '' : ` at ${textOf(url)}`}`);
  if (numberOf(exitStatus) !== null && status !== 'completed') lines.push(`exit status ${String(numberOf(exitStatus))}`);
  if (textOf(artifact) !== '') lines.push(`artifact sha256 ${textOf(artifact)}`);
  return lines.map((text, i) => (i === 0 ? text : `  ${text}`));
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const numberOf = (value: Json | undefined): number | null => (typeof value === 'number' ? value : null);
