import { performance } from 'node:perf_hooks';
import { fine, warning, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';
import { span } from './words.ts';

const slowMs = 100;

/** How far away the server is: every record waits for at least one round trip. */
export async function checkConnection({ broker: { nc } }: Patient): Promise<Outcome> {
  const trips: number[] = [];
  // The client's own rtt() counts whole milliseconds.
  for (let i = 0; i < 3; i++) {
    const before = performance.now();
    await nc.flush();
    trips.push(performance.now() - before);
  }
  const trip = Math.min(...trips);
  const detail = `${nc.getServer()} answers in ${span(trip)}.`;
  if (trip < slowMs) return fine(detail);
  return warning(`${detail} Every record of every actor waits for that.`, 'Run the workers nearer to the server.');
}
