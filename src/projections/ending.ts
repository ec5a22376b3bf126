import type { Json, JsonObject } from '../kernel/json.ts';
import type { ActorName } from '../kernel/record.ts';
import type { Status } from '../kernel/state.ts';

/**
 * How an actor ended, in lines for people: which step failed and why, what was undone, what was left, and
 * what an operator can do. Reads what a saga's context says; of any other chart only the status. Pure.
 */
export function endingLines(actor: ActorName, status: Status, context: Json): readonly string[] {
  const { error, blocked, steps, undone, abandoned, warnings } = objectOf(context);
  const [lines, hints]: [string[], string[]] = [[], []];
  const stuck = objectOf(blocked);
  if (status === 'blocked' && typeof stuck.step === 'string') {
    lines.push(`${actor} is blocked: undoing ${stuck.step} failed: ${failureText(stuck.error)}`);
    if (isList(stuck.remaining)) hints.push(`still to be undone: ${listed(stuck.remaining)}`);
    hints.push(`once the cause is gone: millrace send ${actor} retry-undo; to leave the rest as it is: millrace send ${actor} abandon`);
  } else if (isObject(error)) {
    const step = Object.entries(objectOf(steps)).find(([, progress]) => objectOf(progress).status === 'failed' || objectOf(objectOf(progress).error).message === error.message);
    lines.push(`${actor} ${status}${step === undefined ? '' : ` at ${step[0]}`}: ${failureText(error)}`);
    if (typeof error.hint === 'string') hints.push(error.hint);
  } else lines.push(`${actor} ${status}`);
  if (isList(undone) && status !== 'completed' && (status !== 'blocked' || undone.length > 0)) hints.push(undone.length > 0 ? `undone: ${listed(undone)}` : 'nothing had to be undone');
  const left = Object.entries(objectOf(steps)).filter(([, progress]) => objectOf(progress).status === 'left').map(([step]) => step);
  if (isObject(abandoned) && left.length > 0) hints.push(`left as it is: ${left.join(', ')}`);
  for (const warning of isList(warnings) ? warnings : []) hints.push(`warning: ${told(objectOf(warning).step)}: ${failureText(objectOf(warning).error)}`);
  return [...lines, ...hints.map((hint) => `  ${hint}`)];
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
const isList = (value: Json | undefined): value is Json[] => Array.isArray(value);
const told = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
const listed = (values: readonly Json[]): string => values.map(told).join(', ');

function failureText(error: Json | undefined): string {
  const { message, code } = objectOf(error);
  return `${told(message ?? 'for an unknown reason').replace(/\.$/, '')}${typeof code === 'string' ? ` [${code}]` : ''}`;
}
