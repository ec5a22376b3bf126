import { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import { web, type Detector, type Listing } from './stack.ts';

const manifest = z.object({
  main: z.string().optional(),
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.unknown()).default({}),
  devDependencies: z.record(z.string(), z.unknown()).default({}),
});
type Manifest = z.output<typeof manifest>;

const managers = [
  { name: 'pnpm', lock: 'pnpm-lock.yaml', install: 'pnpm install --frozen-lockfile' },
  { name: 'yarn', lock: 'yarn.lock', install: 'yarn install --frozen-lockfile' },
  { name: 'npm', lock: 'package-lock.json', install: 'npm ci' },
] as const;

export const node: Detector = {
  stack: 'node',
  looksFor: 'package.json',
  reads: ['package.json'],
  detect(listing) {
    const text = listing.text('package.json');
    if (text === undefined) return undefined;
    const parsed = parse(text);
    const entry = [parsed.main, 'server.js', 'server.mjs', 'index.js', 'index.mjs', 'main.js'].find((name) => name !== undefined && listing.has(name));
    const service = parsed.scripts['start'] === undefined ? entry && `node ${entry}` : 'npm start';
    return { command: command(listing, parsed, entry), artifact: '.', services: web(service) };
  },
};

function parse(text: string): Manifest {
  try {
    return manifest.parse(JSON.parse(text));
  } catch {
    throw new TerminalError('bad_package_json', 'package.json is no JSON object with scripts and dependencies of texts.',
      { hint: 'Repair it: "npm pkg get scripts" shows what npm makes of it.' });
  }
}

function command(listing: Listing, { scripts, dependencies, devDependencies }: Manifest, entry: string | undefined): string {
  const manager = managers.find(({ lock }) => listing.has(lock));
  const needsInstall = Object.keys(dependencies).length + Object.keys(devDependencies).length > 0;
  const install = manager?.install ?? (needsInstall ? 'npm install --no-audit --no-fund' : undefined);
  const build = scripts['build'] === undefined ? undefined : `${manager?.name ?? 'npm'} run build`;
  const check = entry === undefined ? 'true' : `node --check ${entry}`;
  return [install, build ?? check].filter((part) => part !== undefined).join(' && ');
}
