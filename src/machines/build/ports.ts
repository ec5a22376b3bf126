import type { Readable } from 'node:stream';
import type { ActorName } from '../../kernel/record.ts';
import type { JsonObject } from '../../kernel/json.ts';

/** SHA-256 of the bytes, hex. */
export type Digest = string;

/** Bytes by digest, in the object store. Putting the same bytes twice stores them once. */
export interface Blobs {
  put(bytes: Readable): Promise<{ readonly digest: Digest; readonly size: number }>;
  has(digest: Digest): Promise<boolean>;
  /** @throws TerminalError `unknown_blob`; RetryableError when the bytes do not match the digest. */
  get(digest: Digest): Promise<Readable>;
}

/** A build's own folder on this machine, made again from the staged source whenever it is missing. */
export interface Workspaces {
  /** The folder with the unpacked source. @throws TerminalError `bad_archive`, `unknown_blob`. */
  ensure(build: ActorName, source: Digest): Promise<string>;
  /** Harmless when it is gone already. */
  remove(build: ActorName): Promise<void>;
}

/** Reads small files of an unpacked source. Never leaves the folder, whatever links stand in it. */
export interface SourceTree {
  /** Names at the top of the folder, sorted; a folder's name ends in `/`. */
  list(dir: string): Promise<readonly string[]>;
  /** UTF-8 text; undefined when there is no such file. @throws TerminalError `file_too_large`, `not_text`, `unsafe_link`. */
  read(dir: string, path: string, maxBytes: number): Promise<string | undefined>;
}

/** A named thing with a revision: an app, a config version, an app version. */
export interface Entity<Value extends JsonObject = JsonObject> {
  readonly value: Value;
  readonly revision: number;
}

/** Entities in KV, changed only by compare-and-set. `kind` and `id` are subject tokens. */
export interface Entities {
  get(kind: string, id: string): Promise<Entity | undefined>;
  /** @throws TerminalError `entity_exists`. */
  create(kind: string, id: string, value: JsonObject): Promise<number>;
  /** @throws RetryableError `entity_changed` when `revision` is not the current one. */
  update(kind: string, id: string, value: JsonObject, revision: number): Promise<number>;
  /** Harmless when it is gone. With `revision`, leaves a newer one alone and says so: false. */
  remove(kind: string, id: string, revision?: number): Promise<boolean>;
  list(kind: string): Promise<readonly { readonly id: string; readonly entity: Entity }[]>;
}

/** Puts an artifact to work. Every verb is idempotent. */
export interface Deployer {
  /** Lay the artifact out as a release, not yet active. */
  prepare(app: string, version: string, artifact: Digest): Promise<void>;
  active(app: string): Promise<string | undefined>;
  /** Switch atomically; says what was active before this version first became active. */
  activate(app: string, version: string): Promise<{ readonly previous: string | undefined }>;
  /** Compare-and-set: back to what was before `version`, only while `version` is the active one. `left-alone`: somebody activated another. */
  deactivate(app: string, version: string): Promise<'restored' | 'left-alone' | 'nothing-to-do'>;
  /** Harmless when it is gone. @throws TerminalError `release_active` while it is active. */
  removeRelease(app: string, version: string): Promise<void>;
  /** Where a person finds the active release. */
  location(app: string): string;
}

export type AddonKind = 'kv' | 'objects';

export interface AddonSpec {
  /** Subject token. */
  readonly name: string;
  readonly kind: AddonKind;
}

/** Things an app uses. `owner` is the build that asked; who created one is remembered with it. */
export interface Addons {
  /** Idempotent; says whether it was created for this owner (also on a repeated call). */
  provision(app: string, spec: AddonSpec, owner: string): Promise<{ readonly created: boolean; readonly env: Readonly<Record<string, string>> }>;
  /** Removes it only if it was created for `owner`. Harmless when it is gone. */
  release(app: string, spec: AddonSpec, owner: string): Promise<boolean>;
}

/** Everything the build machine's steps touch. */
export interface BuildPorts {
  readonly blobs: Blobs;
  readonly workspaces: Workspaces;
  readonly tree: SourceTree;
  readonly entities: Entities;
  readonly deployer: Deployer;
  readonly addons: Addons;
  /** Lines for people, on the build's own output. */
  readonly say: (build: ActorName, source: string, text: string, id: string) => Promise<void>;
  /** Names of the runners this worker has. */
  readonly runners: readonly string[];
  readonly now: () => number;
}
