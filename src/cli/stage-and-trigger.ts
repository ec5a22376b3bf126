import { randomBytes } from 'node:crypto';
import type { Answer } from '../adapters/nats/ask.ts';
import { natsBlobs } from '../adapters/nats/blobs.ts';
import { stageSource } from '../adapters/sources/stage.ts';
import type { Millrace } from '../connect.ts';
import type { JsonObject } from '../kernel/json.ts';
import { actorName, requireToken } from '../kernel/names.ts';
import type { ActorName } from '../kernel/record.ts';
import { whoAsks } from './globals.ts';

/** What `millrace build` is told. */
export interface BuildWish {
  readonly app: string;
  readonly id?: string;
  readonly runner?: string;
  readonly label?: string;
}

/** Stage the source, then ask for the build. Once this resolves, nothing on this machine is needed any more. */
export async function triggerBuild(millrace: Millrace, source: string, wish: BuildWish): Promise<{ actor: ActorName; answer: Answer }> {
  const { app, runner, label } = wish;
  requireToken(app, 'bad_app_name', 'the app');
  const actor = actorName('build', wish.id ?? `${app}-${randomBytes(4).toString('hex')}`);
  const { digest } = await stageSource(natsBlobs(millrace.broker), source);
  const input: JsonObject = { app, source: digest, ...(runner === undefined ? {} : { runner }), ...(label === undefined ? {} : { label }) };
  return { actor, answer: await millrace.send(actor, 'trigger', input, { by: whoAsks(), timeoutMs: 30_000 }) };
}
