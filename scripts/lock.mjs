// One set-up at a time for one clone: `npm start` and `npm test` may be typed in the same moment.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs `work` alone among all processes that lock the same folder. A dead holder's lock is broken. */
export async function alone(folder, work) {
  const lock = join(tmpdir(), `millrace-setup-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  while (!take(lock)) {
    if (!holderLives(lock)) rmSync(lock, { recursive: true, force: true });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const giveBack = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', giveBack);
  try {
    return await work();
  } finally {
    process.off('exit', giveBack);
    giveBack();
  }
}

function take(lock) {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(lock, 'pid'), String(process.pid));
  return true;
}

function holderLives(lock) {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    // Between making the folder and writing the pid the holder is certainly alive.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
