import { sorted } from '../values.ts';
import type { ProjectFile } from './file.ts';
import { secretInConfig } from './secrets.ts';
import type { ConfigSpec, ServiceSpec } from './spec.ts';

export interface ConfigSources {
  readonly file: ProjectFile;
  readonly procfile: Readonly<Record<string, string>>;
  /** What the stack runs by itself; used when neither file says anything. */
  readonly stackServices: Readonly<Record<string, ServiceSpec>>;
  /** Values given with this build. An empty one takes back an earlier one. */
  readonly given: Readonly<Record<string, string>>;
  /** The config of the version that was active when the build began. */
  readonly existing: ConfigSpec | undefined;
}

/** Several sources, one config. Given now wins over given before, and that over the file. @throws TerminalError `secret_in_config`. */
export function mergeConfig(sources: ConfigSources): ConfigSpec {
  const { file } = sources;
  const secrets = namesWith(file, 'secret');
  return {
    services: sorted(services(sources)),
    env: sorted(env(sources, secrets)),
    secrets,
    required: namesWith(file, 'required'),
    volumes: sorted(Object.fromEntries(Object.entries(file.volumes)
      .map(([name, { path, size_mb }]) => [name, { path, sizeMb: size_mb }]))),
    addons: Object.entries(sorted(file.addons)).map(([name, kind]) => ({ name, kind })),
  };
}

const namesWith = (file: ProjectFile, key: 'secret' | 'required'): string[] =>
  Object.entries(file.env).flatMap(([name, entry]) => (typeof entry === 'object' && key in entry ? [name] : [])).toSorted();

function services({ file, procfile, stackServices }: ConfigSources): Record<string, ServiceSpec> {
  const said = {
    ...Object.fromEntries(Object.entries(procfile).map(([name, command]) => [name, { command, ports: [] }])),
    ...file.services,
  };
  return Object.keys(said).length > 0 ? said : { ...stackServices };
}

function env({ file, given, existing }: ConfigSources, secrets: readonly string[]): ConfigSpec['env'] {
  const named = secrets.find((name) => given[name] !== undefined);
  if (named !== undefined) throw secretInConfig(`The value of ${named} given with the build`, 'is declared a secret in millrace.toml');
  const merged: ConfigSpec['env'] = {};
  for (const [name, entry] of Object.entries(file.env)) {
    if (typeof entry === 'string') merged[name] = { value: entry, from: 'file' };
  }
  for (const [name, entry] of Object.entries(existing?.env ?? {})) {
    const wanted = entry.from === 'given' && given[name] !== '' && !secrets.includes(name);
    if (wanted) merged[name] = entry;
  }
  for (const [name, value] of Object.entries(given)) {
    if (value !== '') merged[name] = { value, from: 'given' };
  }
  return merged;
}
