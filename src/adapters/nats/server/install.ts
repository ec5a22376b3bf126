import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { machineMirrors } from './mirrors.ts';
import { requireVersion, versionOf } from './version.ts';

/** Debian's stable releases carry an old server; the first suite with a good one. */
const SUITE = 'forky';
const KEYRINGS = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'];

/** Why nothing could be installed: a sentence for the error that names the ways out. */
export class CannotInstall extends Error {}

/** `ID`, `ID_LIKE` and `VERSION_CODENAME` of /etc/os-release. */
export function parseOsRelease(text: string): Map<string, string> {
  return new Map(text.split('\n').flatMap((line) => {
    const [, key, value] = /^([A-Z_]+)=["']?([^"']*)["']?\s*$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value]];
  }));
}

/**
 * Installs nats-server into `cache` without root, from the Debian mirror this machine uses; apt checks
 * the signature as always. Gives the server's file. Safe when two processes do it at once: both
 * fetch, one folder wins. Rejects with {@link CannotInstall}.
 */
export async function installServer(cache: string): Promise<string> {
  const os = parseOsRelease(await readFile('/etc/os-release', 'utf8').catch(() => ''));
  const family = `${os.get('ID') ?? ''} ${os.get('ID_LIKE') ?? ''}`.split(' ');
  if (!family.includes('debian')) throw new CannotInstall('Millrace can install it by itself only on the Debian family');
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb')) throw new CannotInstall('apt-get or dpkg-deb is missing');
  const mirrors = await machineMirrors(os.get('VERSION_CODENAME'));
  if (mirrors.length === 0) throw new CannotInstall('apt has no Debian mirror configured');

  const work = await mkdir(cache, { recursive: true }).then(() => mkdtemp(join(cache, '.install-')))
    .catch((cause: unknown) => { throw new CannotInstall(`the cache folder ${cache} cannot be written; set XDG_CACHE_HOME`, { cause }); });
  try {
    const failures: string[] = [];
    for (const mirror of mirrors) {
      const failure = await fetchPackage(work, mirror);
      if (failure === undefined) return await keep(work, cache);
      failures.push(failure);
    }
    throw new CannotInstall(`apt could not fetch it:\n${failures.join('\n')}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Fetches the package into `work` with apt's lists and caches all private; gives what went wrong. */
async function fetchPackage(work: string, mirror: string): Promise<string | undefined> {
  const keyring = KEYRINGS.find((file) => existsSync(file));
  const options = `${keyring === undefined ? '' : `signed-by=${keyring} `}target=Packages lang=none`;
  await mkdir(join(work, 'lists', 'partial'), { recursive: true });
  await mkdir(join(work, 'archives', 'partial'), { recursive: true });
  await writeFile(join(work, 'sources.list'), `deb [${options}] ${mirror} ${SUITE} main\n`);
  const apt = async (...args: string[]): Promise<string | undefined> => run('apt-get', [
    '-q', '-o', `Dir::Etc::sourcelist=${work}/sources.list`, '-o', 'Dir::Etc::sourceparts=/dev/null',
    '-o', `Dir::State::Lists=${work}/lists`, '-o', `Dir::Cache=${work}`,
    // As root, apt would drop to a user who may not enter a private cache folder.
    '-o', 'APT::Sandbox::User=root', '-o', 'APT::Update::Error-Mode=any', '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=20', ...args,
  ], work);
  // The machine's own update hooks may fail without root; whether the download works is what counts.
  const updated = await apt('update');
  const downloaded = await apt('download', 'nats-server');
  return downloaded === undefined ? undefined : [updated, downloaded].filter((text) => text !== undefined).join('\n');
}

async function keep(work: string, cache: string): Promise<string> {
  const deb = (await readdir(work)).find((name) => name.endsWith('.deb'));
  const failed = deb === undefined ? 'apt-get download left no package' : await run('dpkg-deb', ['-x', deb, 'out'], work);
  if (failed !== undefined) throw new CannotInstall(failed);
  const unpacked = join(work, 'out', 'usr', 'sbin', 'nats-server');
  const version = await versionOf(unpacked)
    .catch((cause: unknown) => { throw new CannotInstall(`the fetched server does not run here: ${String(cause)}`, { cause }); });
  requireVersion(version, `the server in Debian ${SUITE}`);
  const ready = join(work, 'ready');
  await mkdir(ready);
  await copyFile(unpacked, join(ready, 'nats-server'));
  await chmod(join(ready, 'nats-server'), 0o755);
  const home = join(cache, version);
  const file = join(home, 'nats-server');
  await rename(ready, home).catch(async (cause: unknown) => {
    // Another process was first; its server is as good, if it runs.
    await versionOf(file).catch(() => { throw new CannotInstall(`${home} is in the way; remove it`, { cause }); });
  });
  return file;
}

/** Runs a command without a terminal; the last lines of its output when it fails. */
async function run(command: string, args: string[], cwd: string): Promise<string | undefined> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return promisify(execFile)(command, args, { cwd, env, timeout: 180_000 }).then(() => undefined, (cause: Error & { stderr?: string }) =>
    (cause.stderr?.trim() || cause.message).split('\n').slice(-4).join('\n'));
}
