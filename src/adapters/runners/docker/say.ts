import type { ActorName } from '../../../kernel/record.ts';
import type { BuildOutput } from '../../../runtime/ports/output.ts';
import type { RunFolder, StoredRequest } from '../process/folder.ts';
import type { Say } from './image.ts';

/** Lines about the image, before there is a container. Numbered, so that a repeated preparation repeats the ids. */
export function sayer(output: BuildOutput, { id }: RunFolder, { metadata }: StoredRequest): Say {
  const actor = metadata.outputActor;
  let count = 0;
  return async (text) => {
    if (actor !== undefined) await output.write(actor as ActorName, { at: Date.now(), source: 'docker', text }, `${id}:image:${count++}`);
  };
}
