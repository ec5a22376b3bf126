import type { ActorName, MachineStamp } from '../../kernel/record.ts';

/** Every name Millrace uses on a broker, derived from one prefix. */
export interface Names {
  readonly prefix: string;
  readonly streams: { readonly events: string; readonly commands: string; readonly dead: string; readonly output: string };
  readonly buckets: { readonly board: string; readonly entities: string; readonly machines: string; readonly blobs: string; readonly workers: string; readonly snapshots: string };
  readonly event: (actor: ActorName) => string;
  readonly command: (actor: ActorName, command: string) => string;
  /** Where the stream's transform puts a command: `<prefix>.work.<partition>.<type>.<id>.<command>`. */
  readonly work: (partition: number | '*', type: string) => string;
  /** A command for whoever carries this definition: `<prefix>.held.<type>.<version>.<hash, 12>.<id>.<command>`. */
  readonly held: (definition: MachineStamp, id: string, command: string) => string;
  /** All of them that wait for a definition; for any one of this version where no hash is given. */
  readonly heldFor: (definition: Pick<MachineStamp, 'name' | 'version'> & Partial<MachineStamp>) => string;
  readonly timer: (actor: ActorName, name: string) => string;
  readonly dead: (type: string, id: string) => string;
  readonly output: (actor: ActorName) => string;
  readonly status: (actor: ActorName) => string;
  readonly emit: (actor: ActorName) => string;
}

/** `<type>/<id>` as two subject tokens, which is also its key in a bucket. */
export const tokens = (actor: ActorName): string => actor.replace('/', '.');

/** As much of a definition's hash as people are shown, and subjects carry. */
export const shortHash = (hash: string): string => hash.slice(0, 12);

/** Names for a prefix such as `millrace`; streams are the same in capitals: `MILLRACE_EVENTS`. */
export function namesFor(prefix = 'millrace'): Names {
  const stream = (kind: string): string => `${prefix.toUpperCase().replaceAll('.', '_')}_${kind}`;
  const bucket = (kind: string): string => `${prefix.replaceAll('.', '_')}_${kind}`;
  return {
    prefix,
    streams: { events: stream('EVENTS'), commands: stream('COMMANDS'), dead: stream('DEAD'), output: stream('OUTPUT') },
    buckets: { board: bucket('board'), entities: bucket('entities'), machines: bucket('machines'), blobs: bucket('blobs'), workers: bucket('workers'), snapshots: bucket('snapshots') },
    event: (actor) => `${prefix}.evt.${tokens(actor)}`,
    command: (actor, command) => `${prefix}.cmd.${tokens(actor)}.${command}`,
    work: (partition, type) => `${prefix}.work.${partition}.${type}.>`,
    held: (definition, id, command) => `${prefix}.held.${definition.name}.${definition.version}.${shortHash(definition.hash)}.${id}.${command}`,
    heldFor: ({ name, version, hash }) => `${prefix}.held.${name}.${version}.${hash === undefined ? '*' : shortHash(hash)}.>`,
    timer: (actor, name) => `${prefix}.timer.${tokens(actor)}.${name}`,
    dead: (type, id) => `${prefix}.dead.${type}.${id}`,
    output: (actor) => `${prefix}.output.${tokens(actor)}`,
    status: (actor) => `${prefix}.status.${tokens(actor)}`,
    emit: (actor) => `${prefix}.emit.${tokens(actor)}`,
  };
}
