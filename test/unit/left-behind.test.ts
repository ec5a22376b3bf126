import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectNothingLeftBehind, RUN_MARK } from '../support/left-behind.ts';

describe.skipIf(!existsSync('/proc/self/environ'))('the check for processes a test run leaves behind', () => {
  it('given a detached process that carries the run\'s mark, when the run is over, then it is named and ended', async () => {
    const stray = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: { ...process.env, [RUN_MARK]: 'a-planted-run' } });
    await once(stray, 'spawn');
    const gone = once(stray, 'exit');
    let found = 0;
    await expect(expectNothingLeftBehind('a-planted-run', () => { found++; }, 0)).rejects.toThrow(`${stray.pid} sleep 60`);
    expect(found).toBe(1);
    expect(await gone).toEqual([null, 'SIGKILL']);
  });

  it('given nothing carries the mark, then it is content at once', async () => {
    await expect(expectNothingLeftBehind('a-run-that-never-was', () => { throw new Error('found something'); }, 0)).resolves.toBeUndefined();
  });
});
