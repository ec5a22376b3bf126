import type { StreamConfig } from '@nats-io/jetstream';
import { RetryableError, TerminalError } from '../../../kernel/errors.ts';
import type { Addons, AddonSpec } from '../../../machines/build/ports.ts';
import type { Broker } from '../../nats/broker.ts';
import { toMillraceError } from '../../nats/errors.ts';
import { makeStick } from '../../nats/stick.ts';
import { configOf, makeBucket, markShared, marks, placeOf, removeBucket, type Place } from './bucket.ts';

/**
 * Addons NATS itself provides: a KV bucket or an object bucket, `<prefix>_addon_<app>_<name>`. Who
 * created one stands in its stream's metadata, and so does that another build was given it since: then
 * its creator no longer removes it. Also throws TerminalError `bad_addon_name`, `addon_taken`.
 */
export function natsAddons(broker: Broker): Addons {
  return {
    async provision(app, spec, owner) {
      const place = placeOf(broker, app, spec);
      try {
        const config = await findOrMake(broker, place, app, spec, owner);
        const created = config.metadata?.[marks.owner] === owner;
        if (created) await makeStick(broker, place.stream, config);
        if (!created && config.metadata?.[marks.shared] === undefined) await markShared(broker, place, config);
        return { created, env: envOf(broker, place, spec) };
      } catch (cause) {
        throw toMillraceError(cause, `provide the addon ${spec.name} of ${app}`);
      }
    },
    async release(app, spec, owner) {
      const place = placeOf(broker, app, spec);
      try {
        const metadata = (await configOf(broker, place))?.metadata;
        if (!isOf(metadata, app, spec) || metadata?.[marks.owner] !== owner || metadata[marks.shared] !== undefined) return false;
        await removeBucket(broker, place);
        return true;
      } catch (cause) {
        throw toMillraceError(cause, `release the addon ${spec.name} of ${app}`);
      }
    },
  };
}

async function findOrMake(broker: Broker, place: Place, app: string, spec: AddonSpec, owner: string): Promise<StreamConfig> {
  let config = await configOf(broker, place);
  if (config === undefined) {
    await makeBucket(broker, place, `Addon ${spec.name} of ${app}, created by ${owner}`, { [marks.app]: app, [marks.name]: spec.name, [marks.owner]: owner });
    config = await configOf(broker, place);
  }
  if (config === undefined) throw new RetryableError('addon_gone', `${place.bucket} was removed while it was made.`, { hint: 'It is tried again.' });
  if (isOf(config.metadata, app, spec)) return config;
  throw new TerminalError('addon_taken', `There is a bucket ${place.bucket} already, which is not the addon ${spec.name} of ${app}.`,
    { hint: 'Give the addon another name, or remove that bucket.' });
}

const isOf = (metadata: StreamConfig['metadata'], app: string, spec: AddonSpec): boolean =>
  metadata?.[marks.app] === app && metadata[marks.name] === spec.name;

/** What the app finds in its environment. The address carries no user or password. */
function envOf(broker: Broker, { bucket, kind }: Place, { name }: AddonSpec): Record<string, string> {
  const prefix = `MILLRACE_ADDON_${name.toUpperCase().replaceAll('-', '_')}`;
  return { [`${prefix}_BUCKET`]: bucket, [`${prefix}_KIND`]: kind, [`${prefix}_URL`]: `nats://${broker.nc.getServer().replace(/^.*[@/]/, '')}` };
}
