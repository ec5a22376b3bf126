import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RetryableError } from '../../../kernel/errors.ts';
import { replaceFile } from './files.ts';
import type { RunFolder } from './folder.ts';
import type { Order } from './order.ts';
import { supervisorProgram } from './program.ts';

const startWithinMs = 20_000;

/**
 * Start a supervisor and wait until one, this or another, has the build. It leads a session of its
 * own, so nothing that ends the worker ends it; it gets none of the worker's environment, because the
 * build could read it there.
 */
export async function launch(folder: RunFolder, order: Order): Promise<void> {
  await Promise.all(order.sides.flatMap(({ home, temp }) => [mkdir(home, { recursive: true }), mkdir(temp, { recursive: true })]));
  await replaceFile(folder.program, supervisorProgram());
  const complaints = join(folder.path, 'supervisor.log');
  const stderr = await open(complaints, 'a', 0o600);
  try {
    const supervisor = spawn(process.execPath, [folder.program], {
      cwd: '/', env: { PATH: process.env.PATH ?? '/usr/bin:/bin' }, detached: true, stdio: ['pipe', 'ignore', stderr.fd],
    });
    // One that is gone before it has read everything is told of below.
    supervisor.stdin?.on('error', () => undefined);
    supervisor.stdin?.end(JSON.stringify(order));
    let gone: string | undefined;
    supervisor.once('error', (error) => (gone = error.message));
    supervisor.once('exit', () => (gone ??= 'it exited'));
    supervisor.unref();
    for (const until = Date.now() + startWithinMs; !existsSync(folder.started); await pause(10)) {
      if (gone === undefined && Date.now() < until) continue;
      // The exit may be that of a supervisor that was second, or that has already finished.
      if (existsSync(folder.started)) return;
      throw new RetryableError('supervisor_not_started', `the build's supervisor did not start: ${gone ?? 'it took too long'} ${(await readFile(complaints, 'utf8')).slice(-500)}`.trim());
    }
  } finally {
    await stderr.close();
  }
}
