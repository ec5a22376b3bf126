import type { ActorName } from '../../../kernel/record.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import type { RunFolder, StoredRequest } from '../process/folder.ts';
import type { Say } from './image.ts';
import type { Place } from './place.ts';

/** Lines about the image, before there is a container. Numbered, so that a repeated preparation repeats the ids. */
export function sayer(output: BuildOutput, { id, side }: Place, { metadata }: StoredRequest): Say {
  const actor = metadata.outputActor;
  let count = 0;
  return async (text) => {
    if (actor !== undefined) await output.write(actor as ActorName, { at: Date.now(), source: 'docker', text }, `${id}:${side}-image:${count++}`);
  };
}

/** That the base is good. By whoever sees it, with the same id. */
export async function sayPassed(output: BuildOutput, { id }: RunFolder, { metadata: { outputActor } }: StoredRequest): Promise<void> {
  if (outputActor === undefined) return;
  await output.write(outputActor as ActorName, { at: Date.now(), source: 'docker', text: 'the base is good, the head comes next' }, `${id}:base-passed`);
}
