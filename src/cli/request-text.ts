import type { ControlRequest } from '../kernel/request.ts';
import { time } from './print.ts';

/** A request as people read it: who asked what, when and why, and what became of it. */
export function requestText({ command, by, signedBy, at, reason, state, settledAt, detail }: ControlRequest): string {
  const asked = `${command}${by === undefined ? '' : ` by ${by}`}${signedBy === undefined ? '' : ' (signed)'}, ${time(at)}${reason === undefined ? '' : `, "${reason}"`}`;
  const became = `${state}${settledAt === undefined ? '' : ` ${time(settledAt)}`}${detail === undefined ? '' : `: ${detail}`}`;
  return `${asked}: ${became}`;
}
