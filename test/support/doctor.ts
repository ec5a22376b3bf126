import { expect } from 'vitest';
import type { Broker } from '../../src/adapters/nats/broker.ts';
import { examine } from '../../src/adapters/nats/doctor/doctor.ts';
import type { Finding } from '../../src/adapters/nats/doctor/finding.ts';
import type { DoctorOptions } from '../../src/adapters/nats/doctor/options.ts';

/** A server that syncs always, with accounts and users that lack one thing or another; every password is x. */
export const accounts = `
jetstream { max_file_store: 64GB, max_memory_store: 4GB, sync_interval: always }
accounts {
  GOOD: { jetstream: enabled, users: [
    { user: good, password: x },
    { user: few, password: x, permissions: {
      publish: { deny: ["few.cmd.>", "few.evt.>", "$JS.API.CONSUMER.CREATE.FEW_EVENTS.>", "$KV.few_board.>"] }, subscribe: { deny: "$KV.few_workers.>" } } },
    { user: blind, password: x, permissions: { publish: { deny: "$JS.API.STREAM.INFO.>" } } },
  ] }
  BARE: { users: [ { user: bare, password: x } ] }
  SMALL: { jetstream: { max_file: 1GB, max_mem: 1MB }, users: [ { user: small, password: x } ] }
  SYS: { users: [ { user: sys, password: x } ] }
}
system_account: SYS`;

/** Everything on the broker: streams, their settings, messages and consumers. */
async function everything({ jsm }: Broker): Promise<unknown> {
  const found: unknown[] = [];
  for await (const { config, state } of jsm.streams.list()) found.push({ config, messages: state.messages, last: state.last_seq, consumers: state.consumer_count });
  return found;
}

/** The findings by check; fails when looking has changed anything. */
export async function look(broker: Broker, options: DoctorOptions = {}, witness = broker): Promise<Record<string, Finding>> {
  const before = await everything(witness);
  const findings = await examine(broker, options);
  expect(await everything(witness)).toEqual(before);
  for (const { level, advice } of findings) expect(advice === undefined || advice === '').toBe(level === 'ok');
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
}
