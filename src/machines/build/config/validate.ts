import { TerminalError } from '../../../kernel/errors.ts';
import type { ConfigSpec } from './spec.ts';

/** A tebibyte: more is a typing error. */
const maxVolumeMb = 1_048_576;

/** The four checks a config must pass before anything is made of it. @throws TerminalError; each names every place that is wrong. */
export function validateConfig(spec: ConfigSpec): void {
  requireService(spec);
  requireEnv(spec);
  requirePorts(spec);
  requireVolumes(spec);
}

function requireService(spec: ConfigSpec): void {
  if (Object.keys(spec.services).length > 0) return;
  throw new TerminalError('no_service', 'Nothing says what to run: there is no service and no process.',
    { hint: 'Add a Procfile with a line such as "web: ./server", or [services.web] with a command to millrace.toml.' });
}

function requireEnv(spec: ConfigSpec): void {
  const missing = spec.required.filter((name) => spec.env[name] === undefined);
  if (missing.length === 0) return;
  throw new TerminalError('missing_env', `No value for ${missing.join(', ')}, which millrace.toml requires.`,
    { hint: `Give it with the build: env {"${missing[0]}": "..."}. It is remembered for later builds of the app.` });
}

function requirePorts(spec: ConfigSpec): void {
  const owners = new Map<number, string>();
  const wrong: string[] = [];
  for (const [name, { ports }] of Object.entries(spec.services)) {
    for (const port of ports) {
      const owner = owners.get(port);
      if (!Number.isInteger(port) || port < 1 || port > 65_535) wrong.push(`${name}: ${port} is no port`);
      else if (owner !== undefined) wrong.push(`${name}: ${port} is taken by ${owner}`);
      owners.set(port, owner ?? name);
    }
  }
  if (wrong.length === 0) return;
  throw new TerminalError('bad_port', `Wrong ports: ${wrong.join('; ')}.`,
    { hint: 'A port is a whole number from 1 to 65535, and each is used once.' });
}

function requireVolumes(spec: ConfigSpec): void {
  const owners = new Map<string, string>();
  const wrong: string[] = [];
  for (const [name, { path, sizeMb }] of Object.entries(spec.volumes)) {
    const owner = owners.get(path);
    if (!isMountPoint(path)) wrong.push(`${name}: "${path}" is no absolute folder below /`);
    else if (owner !== undefined) wrong.push(`${name}: ${path} is the folder of ${owner}`);
    if (!Number.isInteger(sizeMb) || sizeMb < 1 || sizeMb > maxVolumeMb) wrong.push(`${name}: ${sizeMb} MB is no size`);
    owners.set(path, owner ?? name);
  }
  if (wrong.length === 0) return;
  throw new TerminalError('bad_volume', `Wrong volumes: ${wrong.join('; ')}.`,
    { hint: `A volume has a path such as "/data", used once, and a size_mb from 1 to ${maxVolumeMb}.` });
}

const isMountPoint = (path: string): boolean =>
  /^(?:\/[^/\0\\]+)+$/.test(path) && !path.split('/').some((part) => part === '.' || part === '..');
