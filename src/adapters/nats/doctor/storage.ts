import { StorageType, type StreamConfig } from '@nats-io/jetstream';
import { fine, problem, worst, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';

/** Whether what is acknowledged is on a disk at all. Not said when there is no stream yet. */
export async function checkStorage({ streams }: Patient): Promise<Outcome | undefined> {
  const found = await streams();
  return found.length === 0 ? undefined : judgeStorage(found.map(({ config }) => config));
}

function judgeStorage(configs: readonly Pick<StreamConfig, 'name' | 'storage' | 'persist_mode'>[]): Outcome {
  return worst(configs.map(({ name, storage, persist_mode: mode }): Outcome => {
    const again = `Make ${name} anew with file storage and the default persist mode, after saving it with \`nats stream backup\`.`;
    if (storage === StorageType.Memory) return problem(`${name} is kept in memory: a restart of the server loses it.`, again);
    if (mode === 'async') return problem(`${name} has persist mode async: it acknowledges before it writes, whatever sync_interval says.`, again);
    return fine('');
  }), 'Every stream is kept in files.');
}
