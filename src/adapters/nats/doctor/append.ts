import { performance } from 'node:perf_hooks';
import { nuid } from '@nats-io/transport-node';
import { StorageType } from '@nats-io/jetstream';
import { fine, warning, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';
import { span } from './words.ts';

const appends = 5;
const slowMs = 50;

/** How long one append takes, each waited for. Only when asked: it makes a stream, and removes it. */
export async function checkAppend({ broker: { js, jsm, names }, options }: Patient): Promise<Outcome | undefined> {
  if (options.append !== true) return undefined;
  const id = nuid.next();
  const [name, subject] = [`${names.streams.events.replace(/_EVENTS$/, '')}_DOCTOR_${id}`, `${names.prefix}.doctor.${id}`];
  const replicas = (await jsm.streams.info(names.streams.events).catch(() => undefined))?.config.num_replicas ?? 1;
  await jsm.streams.add({ name, subjects: [subject], storage: StorageType.File, num_replicas: replicas });
  try {
    const times: number[] = [];
    for (let i = 0; i < appends; i++) {
      const before = performance.now();
      await js.publish(subject, 'x'.repeat(512));
      times.push(performance.now() - before);
    }
    const median = times.toSorted((a, b) => a - b)[Math.floor(appends / 2)] ?? 0;
    const detail = `One append takes ${span(median)}, with ${replicas === 1 ? 'one replica' : `${replicas} replicas`}.`;
    return median < slowMs ? fine(detail) : warning(detail, 'Give the server a disk that flushes faster; many actors at once share a flush, one alone waits for it.');
  } finally {
    await jsm.streams.delete(name);
  }
}
