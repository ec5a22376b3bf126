import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from './compiled.ts';
import { eventually } from './broker.ts';

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON, a value a line. */
  readonly lines: readonly unknown[];
  /** The last of them. */
  readonly json: unknown;
  /** The error on standard error, as `-o json` gives it. */
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string; readonly retryable: boolean } | undefined;
}

/** A command that goes on until it is told to end. */
export interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Waits until standard output has this. */
  sees(text: string | RegExp, limitMs?: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<CliResult>;
  /** SIGTERM, and wait for the end. */
  stop(): Promise<CliResult>;
}

/** Nothing of the machine's own NATS settings reaches the command line under test. */
function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(([name]) => !/^(NATS_|MILLRACE_(DATA|PREFIX|MACHINES|BY|LOG))/.test(name));
  return { ...Object.fromEntries(clean), XDG_CONFIG_HOME: '/nonexistent', MILLRACE_LOG: 'silent', MILLRACE_BY: 'tester', ...env };
}

/** Start `millrace <args>` on the compiled code, as a real process. */
export async function begin(args: readonly string[], { env = {}, cwd }: CliOptions = {}): Promise<Running> {
  return watchProcess(spawn(process.execPath, [await compiledMain(), ...args], { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** The same on a terminal of its own: what is written to its standard input is typed. Needs `script` of util-linux. */
export async function beginOnTerminal(args: readonly string[], { env = {}, cwd }: CliOptions = {}): Promise<Running> {
  const command = [process.execPath, await compiledMain(), ...args].map((word) => `'${word}'`).join(' ');
  return watchProcess(spawn('script', ['-qec', `exec ${command}`, '/dev/null'], { cwd, env: environment(env), stdio: ['pipe', 'pipe', 'pipe'] }));
}

/** `millrace <args>`, to its end. */
export const run = async (args: readonly string[], options: CliOptions = {}): Promise<CliResult> => (await begin(args, options)).ended;

function watchProcess(child: ChildProcess): Running {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
  const ended = once(child, 'close').then((): CliResult => result(child.exitCode, stdout, stderr));
  return {
    child, ended, stdout: () => stdout, stderr: () => stderr,
    sees: (text, limitMs = 30_000) => eventually(() => {
      if (typeof text === 'string' ? stdout.includes(text) : text.test(stdout)) return true;
      if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} without printing ${String(text)}:\n${stdout}\n${stderr}`);
      return false;
    }, limitMs),
    signal: (signal) => void child.kill(signal),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return ended;
    },
  };
}

function result(code: number | null, stdout: string, stderr: string): CliResult {
  const values = (text: string): unknown[] => text.split('\n').filter((line) => line.startsWith('{') || line.startsWith('[')).map((line) => JSON.parse(line) as unknown);
  return {
    code, stdout, stderr,
    get lines() { return values(stdout); },
    get json() { return values(stdout).at(-1); },
    get error() { return (values(stderr).at(-1) as { error?: CliResult['error'] } | undefined)?.error; },
  };
}

let main: Promise<string> | undefined;
const compiledMain = (): Promise<string> => (main ??= compiled('src/cli/main.js'));
