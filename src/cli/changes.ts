import { natsBlobs } from '../adapters/nats/blobs.ts';
import { stageSource } from '../adapters/sources/stage.ts';
import type { Millrace } from '../connect.ts';
import { TerminalError } from '../kernel/errors.ts';

/**
 * A change as the command line names it. A folder or an archive is staged and becomes `source:<sha256>`; a
 * URI is the runner's to read, and a staged source must be there.
 * @throws TerminalError `bad_change`, `unknown_change`, and what `stageSource` throws.
 */
export async function changeOf({ broker }: Millrace, text: string): Promise<{ readonly uri: string }> {
  const blobs = natsBlobs(broker);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text)) return { uri: `source:${(await stageSource(blobs, text)).digest}` };
  if (!text.startsWith('source:')) return { uri: text };
  const digest = text.slice('source:'.length);
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new TerminalError('bad_change', `${text} does not name a staged source`, { hint: 'write source:<sha256>, 64 hexadecimal digits, or name the folder or archive itself' });
  if (!(await blobs.has(digest))) throw new TerminalError('unknown_change', `the source ${digest} is not in the object store`, { hint: 'name the folder or archive itself, and it is staged' });
  return { uri: text };
}
