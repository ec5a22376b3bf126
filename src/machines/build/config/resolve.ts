import { TerminalError } from '../../../kernel/errors.ts';
import type { ActorName } from '../../../kernel/record.ts';
import type { BuildPorts } from '../ports.ts';
import { readProject } from '../project.ts';
import { kinds } from '../values.ts';
import { mergeConfig } from './merge.ts';
import { configSpec, type ConfigSpec } from './spec.ts';

export interface ConfigNeeds {
  readonly source: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly baseConfig?: string | undefined;
}

/**
 * The build's config, values and all. It is made again by each step that needs it, from the same
 * source, the same command and the same older config, so that no record has to hold the values.
 */
export async function resolveConfig(ports: BuildPorts, build: ActorName, needs: ConfigNeeds): Promise<ConfigSpec> {
  const { file, procfile, stack } = await readProject(ports, build, needs.source);
  const existing = needs.baseConfig === undefined ? undefined : await readConfig(ports, needs.baseConfig);
  return mergeConfig({ file, procfile, stackServices: stack.services, given: needs.env ?? {}, existing });
}

/** Undefined when it is gone: the build that made it was undone since. */
async function readConfig(ports: BuildPorts, id: string): Promise<ConfigSpec | undefined> {
  const entity = await ports.entities.get(kinds.config, id);
  if (entity === undefined) return undefined;
  const parsed = configSpec.safeParse(entity.value['spec']);
  if (parsed.success) return parsed.data;
  throw new TerminalError('bad_config_version', `Config version ${id} cannot be read.`, { hint: 'Somebody else wrote it. Activate a version whose config is sound, or remove it.' });
}
