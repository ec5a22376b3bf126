import { find, type Patient } from './patient.ts';
import { fine, problem, unknown, warning, type Outcome } from './finding.ts';
import { span } from './words.ts';

const harmfulMs = 1_000;
const noticedMs = 250;

/** What the broker's clock says while ours says `at`, give or take `within`. All in milliseconds. */
interface Reading { readonly theirs: number; readonly at: number; readonly within: number }

/** Whether this machine and the broker agree on the time: a timer is set by one clock and fired by the other. */
export async function checkClock(patient: Patient): Promise<Outcome> {
  const readings: Reading[] = [];
  for (let i = 0; i < 3; i++) {
    const before = patient.now();
    const theirs = await brokerTime(patient);
    const after = patient.now();
    if (theirs !== undefined) readings.push({ theirs, at: (before + after) / 2, within: (after - before) / 2 });
  }
  const best = readings.toSorted((a, b) => a.within - b.within)[0];
  if (best === undefined) return unknown('unknown: the broker does not tell its time.', 'Compare `date` on both machines, or look again when the streams are set up.');
  return judgeClock(best.at - best.theirs, best.within);
}

/** `ahead`: how far our clock is ahead of the broker's. */
function judgeClock(ahead: number, within: number): Outcome {
  const certain = Math.abs(ahead) - within;
  const apart = `This machine's clock is ${span(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} the broker's`;
  const advice = 'Let both machines keep time by NTP.';
  if (certain > harmfulMs) return problem(`${apart}: timers fire that much too ${ahead > 0 ? 'late' : 'early'}.`, advice);
  if (certain > noticedMs) return warning(`${apart}.`, advice);
  return fine(`The clocks agree within ${span(Math.max(1, Math.ceil(Math.abs(ahead) + within)))}.`);
}

/** The leader of the command stream fires the timers; before it is there, any server will do. */
async function brokerTime({ broker }: Patient): Promise<number | undefined> {
  const info = await find(broker, broker.names.streams.commands);
  const told = info?.ts ?? await serverTime(broker.nc);
  const time = Date.parse(told ?? '');
  return Number.isNaN(time) ? undefined : time;
}

async function serverTime(nc: Patient['broker']['nc']): Promise<string | undefined> {
  const answer = await nc.request('$SYS.REQ.USER.INFO', '', { timeout: 1_000 }).catch(() => undefined);
  return answer?.json<{ server?: { time?: string } }>().server?.time;
}
