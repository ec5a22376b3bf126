import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Every process of a test run inherits this variable, however far from its parents it ends up. */
export const RUN_MARK = 'MILLRACE_TEST_RUN';

export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** Guards take a moment to notice that their parent has gone, and a server one to write its store down. */
const GRACE_MS = 6_000;

/**
 * Rejects, and ends them, when processes that carry this run's mark are still there after a grace
 * period. Needs /proc; elsewhere it finds nothing.
 */
export async function expectNothingLeftBehind(run: string, onFound: () => void, graceMs = GRACE_MS): Promise<void> {
  const deadline = Date.now() + graceMs;
  let left = leftovers(run);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = leftovers(run);
  }
  if (left.length === 0) return;
  for (const { pid } of left) end(pid);
  onFound();
  const list = left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n');
  throw new Error(`the tests left ${left.length} process(es) behind (now ended):\n${list}`);
}

/** The living processes with this run's mark, without this one and vitest's own workers. */
export function leftovers(run: string): Leftover[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((name) => {
    const environment = field(name, 'environ');
    if (!environment.includes(`${RUN_MARK}=${run}`)) return [];
    const command = field(name, 'cmdline').replaceAll('\0', ' ').trim();
    // A process that has ended but was not waited for has no command line.
    return command === '' || isWorker(command) ? [] : [{ pid: Number(name), command: command.slice(0, 200) }];
  });
}

const isWorker = (command: string): boolean => /node_modules\/(vitest|esbuild|@esbuild)\b/.test(command);

function field(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself in the meantime.
  }
}
