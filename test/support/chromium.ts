import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executable = process.env.MILLRACE_CHROMIUM ?? usual.find((path) => existsSync(path));

export const hasChromium = executable !== undefined;

/** Where nothing but Node is, the page is not looked at; CI has a browser, and is not to pass without it. */
export const isWithoutBrowser = executable === undefined && process.env.CI === undefined;
if (isWithoutBrowser) process.stderr.write('the console is not looked at: there is no Chromium here\n');

/** The distribution's own, nothing downloaded; `MILLRACE_CHROMIUM` names another one. Nothing but what is asked for leaves the machine. */
export async function launchChromium(): Promise<Browser> {
  if (executable === undefined) throw new Error('the console is tested in Chromium, and there is none: install it (Debian and Ubuntu: apt-get install chromium) or name one with MILLRACE_CHROMIUM');
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
}
