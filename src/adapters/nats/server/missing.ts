import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { TerminalError } from '../../../kernel/errors.ts';
import { MINIMUM_VERSION } from './version.ts';

const COMMANDS: readonly (readonly [tool: string, command: string])[] = [
  ['brew', 'brew install nats-server'],
  ['apt-get', 'sudo apt-get install nats-server'],
  ['dnf', 'sudo dnf install nats-server'],
  ['zypper', 'sudo zypper install nats-server'],
  ['pacman', 'sudo pacman -S nats-server'],
  ['apk', 'sudo apk add nats-server'],
];

/** The command that installs nats-server here, judged by the package manager on PATH. */
export function installCommand(platform: NodeJS.Platform, path: string): string | undefined {
  const has = (tool: string): boolean => path.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, tool)));
  const found = COMMANDS.find(([tool]) => has(tool));
  if (found !== undefined) return found[1];
  return platform === 'darwin' ? 'brew install nats-server' : undefined;
}

/** `nats_server_missing`, with what was tried and the way out on this platform. */
export function serverMissing(why: string, env: NodeJS.ProcessEnv, cause?: unknown): TerminalError {
  const command = installCommand(process.platform, env.PATH ?? '');
  const ways = [
    ...(command === undefined ? [] : [`run \`${command}\``]),
    'take one from the releases page of nats-io/nats-server and put it on PATH',
    'or name its file in MILLRACE_NATS_SERVER',
  ];
  return new TerminalError('nats_server_missing', `no nats-server ${MINIMUM_VERSION} or newer was found: ${why}`,
    { hint: ways.join('; '), cause });
}
