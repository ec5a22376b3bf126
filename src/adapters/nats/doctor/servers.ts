import type { Broker } from '../broker.ts';
import type { ServerFacts } from './facts.ts';
import { askMonitor } from './monitor.ts';
import type { DoctorOptions } from './options.ts';
import { ownServer } from './own-server.ts';
import { askSystemAccount } from './system-account.ts';

/** Every server that can be asked: over its monitoring port, the system account, or because it is our own. */
export async function serverFacts(broker: Broker, options: DoctorOptions): Promise<readonly ServerFacts[]> {
  const asked = await Promise.all([
    ...(options.monitors ?? []).map(async (url) => [await askMonitor(url)]),
    ...(options.system === undefined ? [] : [askSystemAccount(broker, options.system)]),
  ]);
  const own = asked.length > 0 || options.dataDir === undefined ? undefined : ownServer(options.dataDir, broker.nc.info?.server_name ?? '');
  const found = [...asked.flat(), ...(own === undefined ? [] : [own])];
  return [...new Map(found.map((facts) => [facts.id, facts])).values()];
}
