import { fromPromise, type NonReducibleUnknown, type PromiseActorLogic } from 'xstate';
import type { ActivityScope } from './definition.ts';

/**
 * Code for `setup({ actors })`, run at least once by the host with an {@link ActivityScope}. The code of an
 * ordinary `fromPromise` works as well: it finds `input` and `signal`, but no `self`, `system` or `emit`.
 * An invoke without an input gets `null`.
 */
export function activity<Output, Input = NonReducibleUnknown>(code: (scope: ActivityScope<Input>) => Promise<Output>): PromiseActorLogic<Output, Input> {
  return fromPromise<Output, Input>(code as unknown as Parameters<typeof fromPromise<Output, Input>>[0]);
}
