import type { ActorName } from '../../kernel/record.ts';
import type { ProjectFile } from './config/file.ts';
import { parseProcfile } from './config/procfile.ts';
import { parseProjectFile, projectFileName } from './config/toml.ts';
import type { BuildPorts } from './ports.ts';
import { detectStack, filesToRead, type Stack } from './stacks/detect.ts';
import { unpacked } from './taken-back.ts';

/** What a source says about itself. */
export interface Project {
  readonly file: ProjectFile;
  readonly procfile: Readonly<Record<string, string>>;
  readonly stack: Stack;
}

const maxFileBytes = 256 * 1024;

/** Reads the source, which is unpacked again if this machine does not have it. The same source says the same every time. */
export async function readProject(ports: BuildPorts, build: ActorName, source: string): Promise<Project> {
  const dir = await unpacked(ports, build, source);
  const names = new Set(await ports.tree.list(dir));
  const texts = new Map<string, string>();
  for (const name of [projectFileName, 'Procfile', ...filesToRead]) {
    const text = names.has(name) ? await ports.tree.read(dir, name, maxFileBytes) : undefined;
    if (text !== undefined) texts.set(name, text);
  }
  const text = (name: string): string | undefined => texts.get(name);
  const file = parseProjectFile(text(projectFileName));
  return {
    file,
    procfile: parseProcfile(text('Procfile')),
    stack: detectStack({ has: (name) => names.has(name), text }, file.build),
  };
}
