/** Millrace: ordinary XState machines and sagas, made durable on NATS JetStream. */
export { connect, type ConnectOptions, type Millrace, type Worker, type WorkerOptions } from './connect.ts';
export { defineMachine } from './kernel/define.ts';
export { activity } from './kernel/activity.ts';
export { abort } from './kernel/abort.ts';
export { actorRef } from './kernel/refs.ts';
export { secret, type SecretReference } from './kernel/secret.ts';
export { recordedAt } from './kernel/recorded-at.ts';
export { defineSaga } from './machines/saga/define.ts';
export { step, type RetryPolicy, type Step, type StepScope, type UndoScope } from './machines/saga/step.ts';
export { targetChanged } from './machines/saga/target-changed.ts';
export { MillraceError, RetryableError, TerminalError, type Failure } from './kernel/errors.ts';
export type { ActivityScope, Definition } from './kernel/definition.ts';
export type { ActorName, LogRecord } from './kernel/record.ts';
export type { ControlRequest } from './kernel/request.ts';
export type { Status } from './kernel/state.ts';
export type { ActorView } from './projections/view.ts';
export type { Answer } from './adapters/nats/ask.ts';
