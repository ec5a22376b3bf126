// `npm run screenshots`: makes the pictures of docs/images anew, from real builds of the example in a `millrace dev` of its
// own. Needs Chromium (`MILLRACE_CHROMIUM` names another than the usual ones).
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { root, setup } from './setup.mjs';

const images = join(root, 'docs/images');
const cli = join(root, 'dist/src/cli/main.js');

await setup();
const executablePath = process.env.MILLRACE_CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
if (executablePath === undefined) throw new Error('there is no Chromium here: install it, or name one with MILLRACE_CHROMIUM');
/** What still follows a build then has nothing to wait for. */
const over = new AbortController();
const folder = await mkdtemp(join(tmpdir(), 'millrace-pictures-'));
// A short name: it is read in a picture.
const env = { ...process.env, MILLRACE_DATA: join(folder, 'data'), MILLRACE_BY: 'ann', MILLRACE_LOG: 'silent' };
const dev = spawn(process.execPath, [cli, 'dev', '--console-port', '0', '-o', 'json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const [first] = await once(dev.stdout, 'data');
  const { console: address, url } = JSON.parse(String(first).split('\n')[0]);
  const pages = { address, page: await browser.newPage({ viewport: { width: 1400, height: 900 }, colorScheme: 'light' }) };

  const open = join(folder, 'go-on');
  const slow = await slowCopy(open);
  // Somebody put a folder where the link to the active release is to be.
  await mkdir(join(env.MILLRACE_DATA, 'apps/shop/current'), { recursive: true });
  await build('hello-41', url, await copyOf('hello'));
  await build('shop-7', url, await copyOf('shop'));
  const stopped = build('docs-12', url, slow);
  await running('docs-12', url);
  await millrace('send', 'build/docs-12', 'stop', '--server', url);
  const goesOn = build('hello-43', url, slow);
  await build('hello-42', url, await brokenCopy());
  await pictures(pages);
  await writeFile(open, '');
  await millrace('send', 'build/docs-12', 'cancel', '--server', url);
  await Promise.all([stopped, goesOn]);
} finally {
  over.abort();
  await browser.close();
  dev.kill('SIGTERM');
  await once(dev, 'exit');
  await rm(folder, { recursive: true, force: true });
}

async function pictures({ address, page }) {
  const shoot = async (name, path, ...seen) => {
    await page.goto('about:blank');
    await page.goto(`${address}/${path}`);
    for (const selector of seen) await page.locator(selector).first().waitFor({ timeout: 60_000 });
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(images, name), fullPage: true });
    process.stdout.write(`docs/images/${name}\n`);
  };
  await mkdir(images, { recursive: true });
  const drawn = 'svg.millrace-chart .state.active';
  await shoot('console-running.png', '#/build/hello-43', drawn, '.output:has-text("18:00 to 23:59 right")', '.lane:has-text("build-artifact") .bar.running');
  await shoot('console-failed.png', '#/build/hello-42', drawn, '.trouble', '.output:has-text("nobody greets")', '.bar.undo');
  await page.setViewportSize({ width: 1400, height: 430 });
  await shoot('console-board.png', '#/', ...['blocked', 'failed', 'running', 'stopped', 'completed'].map((status) => `.row .badge.${status}`));
}

/** The output as JSON; how a build ends is no concern of ours. */
async function millrace(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args, '-o', 'json'], { env, signal: over.signal }).catch((error) => {
    if (typeof error.code !== 'number' && !over.signal.aborted) throw error;
    return { stdout: error.stdout ?? '' };
  });
  return stdout;
}

/** Ends when the build has, or needs a person. */
async function build(id, server, source) {
  await millrace('build', source, '--app', id.replace(/-\d+$/, ''), '--id', id, '--server', server);
}

async function running(id, server) {
  while (!(await millrace('logs', `build/${id}`, '--server', server)).includes('18:00')) await new Promise((resolve) => { setTimeout(resolve, 200); });
}

async function copyOf(name) {
  const copy = join(folder, name);
  await cp(join(root, 'examples/hello'), copy, { recursive: true });
  return copy;
}

/** An hour is taken away: it does not compile. */
async function brokenCopy() {
  const copy = await copyOf('broken');
  const file = join(copy, 'src/greetings.mill');
  await writeFile(file, (await readFile(file, 'utf8')).split('\n').filter((line) => !line.startsWith('from 5 ')).join('\n'));
  return copy;
}

/** Its build goes on after its tests until the file `open` is there. */
async function slowCopy(open) {
  const copy = await copyOf('slow');
  const file = join(copy, 'millrace.toml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^command = .*$/m, `command = "node build.mjs && until [ -e '${open}' ]; do sleep 0.2; done"`));
  return copy;
}
