import { differences } from '../differences.ts';
import { wantedStreams } from '../streams.ts';
import { fine, problem, worst, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';

/** Whether the streams are there, with the settings that keep what is in them. */
export async function checkStreams({ broker, streams }: Patient): Promise<Outcome> {
  const found = new Map((await streams()).map((info) => [info.config.name, info.config]));
  const wanted = wantedStreams(broker);
  if (found.size === 0) return problem(`Not set up: there is no stream ${wanted[0]?.name ?? ''} yet.`, 'Start any worker; it sets the broker up. Or check --prefix and the account.');
  return worst(wanted.map((each): Outcome => {
    const config = found.get(each.name);
    if (config === undefined) return problem(`The stream ${each.name} is missing.`, 'Start any worker; it makes what is missing.');
    const list = differences(each, config).map(({ field, found: is, wanted: should }) => `${field} is ${is}, wanted is ${should}`);
    if (list.length === 0) return fine('');
    return problem(`The stream ${each.name} has other settings: ${list.join('; ')}.`,
      `Change it with \`nats stream edit ${each.name}\`, where a setting can be changed; workers do not start before.`);
  }), `${wanted.map(({ name }) => name).join(', ')} are there, with Millrace's settings.`);
}
