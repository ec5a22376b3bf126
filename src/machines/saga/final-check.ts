import { about, named, type ChartState } from './config.ts';
import { isOver, progressOf } from './context.ts';
import { pick } from './data.ts';
import { checkOf } from './find.ts';
import { finalCheckId } from './names.ts';
import { isByNeeds, needsOf } from './needs.ts';
import { interruptible, type TurnBack } from './running.ts';
import type { StepInput } from './activities.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import type { Step } from './step.ts';
import type { SagaContext, SagaSpec } from './types.ts';

/** What the code of a final check is handed: the steps to ask, each with what its `check` is given. */
export interface FinalCheckInput {
  readonly asks: readonly (StepInput & { readonly step: string })[];
}

/** Steps that were found done, with what they give. */
export type FinalCheckOutput = { readonly found: Readonly<Record<string, JsonObject>> };

/** Steps that come after this one, or beside it, and can say whether they are done. Its own `check` is asked right before its `run` anyway. */
export function othersToAsk(spec: SagaSpec, step: Step): readonly Step[] {
  const { isAfter } = needsOf(spec);
  return spec.steps.filter((other, index) => other !== step && checkOf(other) !== undefined
    && (isByNeeds(spec) ? !isAfter(step.name, other.name) : index > spec.steps.indexOf(step)));
}

/** Of those, the ones that are not over and whose needs are there. */
export const askedNow = (others: readonly Step[], context: SagaContext): readonly Step[] =>
  others.filter((other) => !isOver(context, other) && other.needs.safeParse(pick(other.needs, context.data)).success);

/**
 * Start was asked for: before anything is applied again every other step that can say so is asked whether it is done.
 * What is done is recorded and not run again; what is not as it was planned ends the start, and the saga stays stopped.
 */
export function finalCheckState(step: Step, others: readonly Step[], turnBack: TurnBack, turning: string): ChartState {
  const { name } = step;
  const id = finalCheckId(name);
  return {
    description: 'Before anything is applied again: are the steps that are left still to be done, as they were planned?',
    entry: [about('markChecking', name)],
    invoke: [{
      id, src: id, input: ({ context }: { context: SagaContext }) => inputOf(others, context) as unknown as Json,
      onDone: [
        turnBack([about('recordFoundAhead', name), about('recordInterrupted', name)], 'cancel was asked for'),
        { guard: named('stopWanted'), target: 'paused', actions: [about('recordFoundAhead', name)], description: 'stop was asked for' },
        { target: 'deciding', actions: [about('recordFoundAhead', name)], description: 'what is done is known' },
      ],
      onError: [
        turnBack([about('recordInterrupted', name)], 'cancel was asked for'),
        { guard: named('stopWanted'), target: 'paused', description: 'stop was asked for' },
        { guard: named('startRefused'), target: 'paused', actions: [about('refuseStart', name)], description: 'something is not as it was planned' },
        { target: 'judging', actions: [about('recordError', name)] },
      ],
    }],
    initial: 'active',
    states: interruptible(id, turning),
  };
}

const inputOf = (others: readonly Step[], context: SagaContext): FinalCheckInput => ({
  asks: askedNow(others, context).map((other) => ({ step: other.name, needs: pick(other.needs, context.data), attempt: progressOf(context, other.name).attempts })),
});
