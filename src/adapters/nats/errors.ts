import { errors } from '@nats-io/transport-node';
import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import { MillraceError, RetryableError, TerminalError } from '../../kernel/errors.ts';

/** Server error codes (`err_code`) by what they mean to us. */
const full = new Set([10002, 10023, 10026, 10027, 10028, 10047, 10077, 10122]);
const away = new Set([10004, 10006, 10007, 10008, 10009, 10118, 10119, 10210]);
const noJetStream = new Set([10035, 10039, 10076, 10120]);
const tooLarge = new Set([10054, 10097]);

/** The server's `err_code`, when the error carries one. */
export function apiCode(cause: unknown): number | undefined {
  if (cause instanceof JetStreamApiError) return cause.code;
  return cause instanceof Error && cause.cause !== undefined ? apiCode(cause.cause) : undefined;
}

/** Nobody listened on the subject: no JetStream, no such stream, or the server is just starting. */
export function isNoResponders(cause: unknown): boolean {
  if (cause instanceof errors.NoRespondersError) return true;
  return cause instanceof Error && cause.cause !== undefined && isNoResponders(cause.cause);
}

/**
 * What the client or the server raised, as a Millrace error. `doing` completes the sentence
 * "could not ...": `set up the streams`. Codes: `no_permission`, `no_jetstream`, `no_stream`,
 * `payload_too_large`, `broker_refused` (terminal); `broker_full`, `broker_gone` (retryable).
 * A Millrace error passes unchanged.
 */
export function toMillraceError(cause: unknown, doing: string): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const root = permission(cause);
  if (root !== undefined) {
    return new TerminalError('no_permission', `Could not ${doing}: the broker does not allow it (${root}).`,
      { hint: 'Give this user the rights listed in the documentation, or connect as another user.', cause });
  }
  const code = apiCode(cause);
  if (code !== undefined) return fromApi(code, text(cause), doing, cause);
  if (isNoResponders(cause)) return gone('nothing answers there; JetStream or the stream may be missing or just starting', doing, cause);
  if (isConnectionTrouble(cause)) return gone(text(cause), doing, cause);
  return new TerminalError('broker_refused', `Could not ${doing}: ${text(cause)}.`, { cause });
}

function fromApi(code: number, said: string, doing: string, cause: unknown): MillraceError {
  const message = `Could not ${doing}: ${said} (${code}).`;
  if (full.has(code)) {
    return new RetryableError('broker_full', message,
      { hint: 'Give JetStream more room, or raise the limits of this account, then try again.', cause });
  }
  if (away.has(code)) return gone(said, doing, cause);
  if (noJetStream.has(code)) {
    return new TerminalError('no_jetstream', message,
      { hint: 'Enable JetStream on the server and for this account; `millrace server` runs one that has it.', cause });
  }
  if (tooLarge.has(code)) {
    return new TerminalError('payload_too_large', message, { hint: 'Put big things in the object store and pass their digest.', cause });
  }
  if (code === 10059) {
    return new TerminalError('no_stream', message, { hint: 'The streams are not set up; start a worker, which does it, or check the prefix.', cause });
  }
  return new TerminalError('broker_refused', message, { cause });
}

function gone(said: string, doing: string, cause: unknown): RetryableError {
  return new RetryableError('broker_gone', `Could not ${doing}: the broker did not answer (${said}).`,
    { hint: 'Check that nats-server runs and can be reached; the client reconnects by itself.', cause });
}

function permission(cause: unknown): string | undefined {
  if (cause instanceof errors.PermissionViolationError || cause instanceof errors.AuthorizationError
    || cause instanceof errors.UserAuthenticationExpiredError) return cause.message;
  return cause instanceof Error && cause.cause !== undefined ? permission(cause.cause) : undefined;
}

const troubles = [errors.TimeoutError, errors.ConnectionError, errors.ClosedConnectionError, errors.DrainingConnectionError,
  errors.RequestError];

function isConnectionTrouble(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if (troubles.some((kind) => cause instanceof kind)) return true;
  if (cause instanceof JetStreamError) return !('code' in cause && cause.code === 400);
  const code = (cause as NodeJS.ErrnoException).code;
  return typeof code === 'string' && /^(ECONN|EPIPE|ENOTFOUND|EHOST|ENET|ETIMEDOUT)/.test(code);
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
