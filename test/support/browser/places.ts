import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Says that it waits, and goes on once the file `gate` is there. */
export const untilThere = (gate: string): string => `echo 'the gate is closed' && until [ -e '${gate}' ]; do sleep 0.05; done && echo 'the gate is open' && mkdir -p out && echo built > out/app.txt`;

export const atOnce = `echo 'nothing to wait for' && mkdir -p out && echo built > out/app.txt`;

/** A project that is built by one line of shell, with addons so that no step is skipped for want of them. */
export async function project(folder: string, command: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'millrace.toml'), ['[build]', 'stack = "make"', `command = ${JSON.stringify(command)}`, 'artifact = "out"', '[services.web]', 'command = "cat app.txt"', '[addons]', 'cache = "kv"', ''].join('\n'));
  await writeFile(join(folder, 'Makefile'), 'all:\n');
  return folder;
}

/** The example, or the example with a greeting taken away: it does not compile. */
export async function hello(folder: string, isBroken = false): Promise<string> {
  await cp('examples/hello', folder, { recursive: true });
  if (isBroken) {
    const file = join(folder, 'src/greetings.mill');
    await writeFile(file, (await readFile(file, 'utf8')).split('\n').filter((line) => !line.startsWith('from 5 ')).join('\n'));
  }
  return folder;
}

/** A vendor's backend as a program: its first build is lost with its machine, all others make `artifact`. Its builds are files in `folder`. */
export async function vendor(folder: string, artifact: string): Promise<{ readonly name: string; readonly command: readonly string[] }> {
  await mkdir(join(folder, 'builds'), { recursive: true });
  const file = join(folder, 'vendor.sh');
  await writeFile(file, `read -r asked
case "$asked" in
*'"verb":"trigger"'*) n=$(ls '${folder}/builds' | wc -l); touch "${folder}/builds/$n"; echo "{\\"id\\":\\"m$n\\"}" ;;
*'"verb":"status"'*'"m0"'*) echo '{"status":"failed","metadata":{"infrastructure":"true","reason":"lost","detail":"the machine was taken away"}}' ;;
*'"verb":"status"'*) echo '{"status":"succeeded","metadata":{"artifact":"${artifact}"}}' ;;
*) echo '{}' ;;
esac
`);
  return { name: 'vendor', command: ['sh', file] };
}
