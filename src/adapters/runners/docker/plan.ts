import { TerminalError } from '../../../kernel/errors.ts';
import type { Metadata } from '../../../machines/run/runner.ts';

/** What a container of a build may use. What is not given is not limited, but for `timeoutMs`. */
export interface ContainerLimits {
  /** Processors, also parts of one. */
  readonly cpus?: number;
  /** No swap besides. */
  readonly memoryBytes?: number;
  /** Processes and threads. */
  readonly pids?: number;
  /** Of what it writes, its source included, volumes of its image not. */
  readonly diskBytes?: number;
  /** Of running time, ms; time in which it is stopped does not count. */
  readonly timeoutMs: number;
}

/** What is to be done, read from a request's metadata. */
export interface Plan {
  /** Undefined: what the source's Dockerfile makes, else `fallback`. */
  readonly image: string | undefined;
  readonly fallback: string | undefined;
  readonly dockerfile: string | undefined;
  /** Run by `/bin/sh -c`; undefined: the image's own. */
  readonly command: string | undefined;
  readonly workdir: string | undefined;
  readonly user: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ContainerLimits;
  readonly network: string | undefined;
  readonly artifact: string | undefined;
}

export interface PlanDefaults {
  readonly image: string | undefined;
  /** By the metadata key `stack`. */
  readonly images: Readonly<Record<string, string>>;
  readonly limits: ContainerLimits;
  readonly network: string | undefined;
}

/** @throws TerminalError `bad_metadata`. */
export function planOf(metadata: Metadata, defaults: PlanDefaults): Plan {
  const command = metadata.command?.trim() === '' ? undefined : metadata.command;
  return {
    image: text(metadata, 'image') ?? (metadata.dockerfile === undefined ? imageOf(metadata, defaults) : undefined),
    fallback: metadata.dockerfile === undefined ? defaults.image : undefined,
    dockerfile: text(metadata, 'dockerfile'),
    command, workdir: workdirOf(metadata), user: text(metadata, 'user'), env: envOf(metadata),
    limits: limitsOf(metadata, defaults.limits), network: networkOf(metadata, defaults.network),
    artifact: text(metadata, 'artifact'),
  };
}

const imageOf = ({ stack = '' }: Metadata, { images }: PlanDefaults): string | undefined => (Object.hasOwn(images, stack) ? images[stack] : undefined);

const bad = (key: string, value: string, hint: string): TerminalError =>
  new TerminalError('bad_metadata', `"${key}" is "${value}".`, { hint });

function text(metadata: Metadata, key: string): string | undefined {
  const value = metadata[key];
  if (value !== undefined && (value.trim() === '' || value.includes('\0'))) throw bad(key, value, 'Leave it out, or give it a value.');
  return value;
}

function workdirOf(metadata: Metadata): string | undefined {
  const { workdir } = metadata;
  if (workdir === undefined || /^\/[^\0]*$/.test(workdir)) return workdir;
  throw bad('workdir', workdir, 'Give an absolute path in the container.');
}

function envOf(metadata: Metadata): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    if (!key.startsWith('env.')) continue;
    const name = key.slice('env.'.length);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || value.includes('\0')) throw bad(key, value.slice(0, 0), 'Use env.NAME with letters, digits and _, and a value without NUL.');
    env[name] = value;
  }
  return env;
}

/** A request may ask for less than the worker allows, never for more. */
function limitsOf(metadata: Metadata, most: ContainerLimits): ContainerLimits {
  const least = (key: keyof ContainerLimits, whole: boolean): number | undefined => {
    const value = metadata[key];
    if (value === undefined) return most[key];
    const asked = Number(value);
    if (value.trim() === '' || !(asked > 0) || !Number.isFinite(asked) || (whole && !Number.isSafeInteger(asked))) throw bad(key, value, `Give a ${whole ? 'whole ' : ''}number above 0.`);
    return Math.min(asked, most[key] ?? Infinity);
  };
  const [cpus, memoryBytes, pids, diskBytes] = [least('cpus', false), least('memoryBytes', true), least('pids', true), least('diskBytes', true)];
  return {
    ...(cpus === undefined ? {} : { cpus }), ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(pids === undefined ? {} : { pids }), ...(diskBytes === undefined ? {} : { diskBytes }),
    timeoutMs: least('timeoutMs', true) ?? most.timeoutMs,
  };
}

function networkOf({ network }: Metadata, usual: string | undefined): string | undefined {
  if (network === undefined || network === usual) return usual;
  if (network === 'none') return 'none';
  throw bad('network', network, 'A build can only ask for "none"; which network there is otherwise is for the worker to say.');
}
