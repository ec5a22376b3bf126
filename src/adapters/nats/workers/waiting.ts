import type { Broker } from '../broker.ts';
import { toMillraceError } from '../errors.ts';
import { addressOf } from '../queue/wire.ts';
import type { WorkerEntry } from './entry.ts';
import { workers } from './list.ts';

/** Commands that are stored for one machine; with `version` and `hash`, for those who can go on with that definition. */
export interface Waiting {
  readonly machine: string;
  readonly version?: string;
  /** The first 12 characters. */
  readonly hash?: string;
  readonly commands: number;
  readonly actors: number;
  /** A living worker carries it: they are in its hands, or soon will be. */
  readonly carried: boolean;
}

/** What waits for whom, most commands first. Server 2.14 or newer. @throws RetryableError `broker_gone`. */
export async function waitingFor(broker: Broker): Promise<readonly Waiting[]> {
  const { names: { prefix, streams }, jsm } = broker;
  const living = await workers(broker).list();
  const infos = await Promise.all(['work', 'held'].map((kind) => jsm.streams.info(streams.commands, { subjects_filter: `${prefix}.${kind}.>` })))
    .catch((cause: unknown) => { throw toMillraceError(cause, 'look at the commands that wait'); });
  const found = new Map<string, Omit<Waiting, 'commands' | 'actors'> & { commands: number; readonly ids: Set<string> }>();
  for (const [subject, count] of infos.flatMap(({ state }) => Object.entries(state.subjects ?? {}))) {
    const { type, actorId } = addressOf(prefix, subject);
    const definition = definitionIn(prefix, subject);
    const key = definition === undefined ? type : `${type} ${definition.version} ${definition.hash}`;
    const entry = found.get(key) ?? { machine: type, ...definition, commands: 0, ids: new Set<string>(), carried: living.some((worker) => goesOn(worker, type, definition)) };
    entry.commands += count;
    entry.ids.add(actorId);
    found.set(key, entry);
  }
  return [...found.values()].map(({ ids, ...rest }) => ({ ...rest, actors: ids.size })).toSorted((a, b) => b.commands - a.commands);
}

/** Of `<prefix>.held.<type>.<version>.<hash>.<id>.<command>`. */
function definitionIn(prefix: string, subject: string): { readonly version: string; readonly hash: string } | undefined {
  const held = `${prefix}.held.`;
  if (!subject.startsWith(held)) return undefined;
  const [, version = '', hash = ''] = subject.slice(held.length).split('.');
  return { version, hash };
}

const goesOn = ({ machines }: WorkerEntry, type: string, definition: { readonly version: string; readonly hash: string } | undefined): boolean =>
  machines.some(({ name, hash, resumesFrom = [] }) => name === type
    && (definition === undefined || hash.startsWith(definition.hash) || resumesFrom.includes(definition.version)));
