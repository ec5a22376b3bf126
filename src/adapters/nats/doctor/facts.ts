/** What a server says of itself to an operator. */
export interface ServerFacts {
  readonly id: string;
  readonly name: string;
  /** undefined: it runs without JetStream. */
  readonly jetstream: {
    /** Whether every write is on disk before it is acknowledged. */
    readonly syncAlways: boolean;
    /** How often it flushes otherwise, in milliseconds; undefined when that is not said. */
    readonly syncMs: number | undefined;
    /** Bytes; undefined when that is not said. */
    readonly stored: number | undefined;
    readonly room: number | undefined;
  } | undefined;
}

/** What a server answers on `/varz` and `VARZ`; only what Millrace reads. */
interface Varz {
  readonly server_id: string;
  readonly server_name: string;
  readonly jetstream?: {
    readonly config?: { readonly sync_always?: boolean; readonly sync_interval?: number; readonly max_storage?: number };
    readonly stats?: { readonly storage?: number };
  };
}

/** undefined when it is no such answer. */
export function factsOf(answer: unknown): ServerFacts | undefined {
  const { server_id: id, server_name: name, jetstream = {} } = (answer ?? {}) as Partial<Varz>;
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  const { config, stats } = jetstream;
  if (config === undefined) return { id, name, jetstream: undefined };
  const { sync_always: syncAlways = false, sync_interval: nanoseconds, max_storage: room } = config;
  return { id, name, jetstream: { syncAlways, syncMs: nanoseconds === undefined ? undefined : nanoseconds / 1e6, stored: stats?.storage, room } };
}
