import { spawn } from 'node:child_process';

/** Show an address in the person's browser, when there is one; the address was printed in any case. */
export function openBrowser(url: string): void {
  const [program, ...first] = process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  if (process.platform === 'linux' && (process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY ?? '') === '') return;
  const child = spawn(program ?? 'xdg-open', [...first, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
