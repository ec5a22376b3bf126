import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';

/** The image every container test uses: a shell and a handful of programs, made of this machine's own. */
export const testImage = 'millrace-test:shell';

const programs = ['sh', 'cat', 'chmod', 'dd', 'echo', 'env', 'head', 'id', 'ls', 'mkdir', 'seq', 'sleep', 'true', 'yes'];

/** No image can be pulled here, so one is made: of busybox when it is a static one, else of programs and their libraries. */
export async function importTestImage(docker: Docker): Promise<void> {
  if (await docker.getImage(testImage).inspect().then(() => true, () => false)) return;
  const stream = await docker.importImage(rootFilesystem(), { repo: 'millrace-test', tag: 'shell' });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => { if (error) reject(error); else resolve(); });
  });
}

function rootFilesystem(): Readable {
  const archive = pack();
  const added = new Set<string>();
  const file = (path: string, from: string): void => {
    if (added.has(path)) return;
    added.add(path);
    archive.entry({ name: path, mode: 0o755 }, readFileSync(realpathSync(from)));
  };
  archive.entry({ name: 'tmp/', type: 'directory', mode: 0o777 });
  archive.entry({ name: 'etc/passwd', mode: 0o644 }, 'root:x:0:0:root:/:/bin/sh\n');
  const busybox = find('busybox');
  if (busybox !== undefined && librariesOf(busybox).length === 0) {
    file('bin/busybox', busybox);
    for (const name of programs) archive.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  } else {
    for (const name of programs) {
      const found = find(name);
      if (found === undefined) continue;
      file(`bin/${name}`, found);
      for (const library of librariesOf(found)) file(library.slice(1), library);
    }
  }
  archive.finalize();
  return archive as unknown as Readable;
}

const find = (name: string): string | undefined =>
  ['/bin', '/usr/bin', ...(process.env.PATH ?? '').split(delimiter)].map((dir) => join(dir, name)).find((path) => existsSync(path));

/** Empty for a static program. */
function librariesOf(program: string): string[] {
  try {
    const printed = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...printed.matchAll(/(\/\S+)(?= \(0x)/g)].map(([path]) => path);
  } catch {
    return [];
  }
}
