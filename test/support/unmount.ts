import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a killed engine leaves mounted below its folder would keep that from being removed. */
export function unmountBelow(dir: string): void {
  const points = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').flatMap((line) => line.split(' ')[4] ?? []);
  for (const point of points.filter((path) => path.startsWith(`${dir}/`)).toReversed()) spawnSync('umount', ['-l', point]);
}
