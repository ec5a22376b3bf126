import { redact } from '../../kernel/redact.ts';

/** More of a reason than this is cut off. */
const longestReason = 1000;

/** A reason as it may be stored and sent: without secrets, and not too long. The job's own secrets are the `values`. */
export function safeReason(reason: string, values: readonly string[] = []): string {
  const clean = redact(reason, values).trim();
  return clean.length <= longestReason ? clean : `${clean.slice(0, longestReason - 1)}…`;
}
