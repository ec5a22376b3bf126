import { exampleOf } from '../../kernel/example.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { plainJson, settleChild } from './data.ts';
import { isChild, stepFinder } from './find.ts';
import type { Step } from './step.ts';
import type { SagaSpec } from './types.ts';

/** What a step gives when all goes well: that, or a child's end that it takes for success. Undefined when none is known. */
export function exampleOutputs(spec: SagaSpec): (src: string) => Json | undefined {
  const find = stepFinder(spec);
  const isStep = new Set(spec.steps.map(({ name }) => name));
  return (src) => {
    if (!isStep.has(src)) return undefined;
    const step = find(src);
    return isChild(step) ? childEnd(step) : exampleOf(step.gives);
  };
}

/** A child says what a good end of it is; of one that does not, the usual ways to say it are tried. */
function childEnd(step: Step): Json | undefined {
  if (!isChild(step)) return undefined;
  const gives = objectOf(exampleOf(step.gives));
  const candidates: readonly (Json | undefined)[] = [step.child.example?.(), { status: 'completed', output: gives }, { status: 'succeeded', ...gives }, gives];
  return candidates.find((output) => output !== undefined && 'gives' in settleChild(step, output));
}

/** The end of a saga that completed, made from examples of all that its steps give. */
export function exampleEnd(spec: SagaSpec): Json | undefined {
  const data = Object.assign({}, ...[spec.input, ...spec.steps.map(({ gives }) => gives)].map((schema) => objectOf(exampleOf(schema)))) as JsonObject;
  try {
    return { status: 'completed', output: plainJson(spec.output ? spec.output(data) : data), undone: [], left: [], warnings: [] };
  } catch {
    return undefined;
  }
}

const objectOf = (value: Json | undefined): JsonObject => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as JsonObject : {});
