import { parse } from 'smol-toml';
import { z } from 'zod';
import { TerminalError } from '../../../kernel/errors.ts';
import { web, type Detector } from './stack.ts';

const manifest = z.object({ package: z.object({ name: z.string() }) });

export const rust: Detector = {
  stack: 'rust',
  looksFor: 'Cargo.toml',
  reads: ['Cargo.toml'],
  detect(listing) {
    const text = listing.text('Cargo.toml');
    if (text === undefined) return undefined;
    const locked = listing.has('Cargo.lock') ? ' --locked' : '';
    return {
      command: `cargo install --path .${locked} --root dist --no-track`,
      artifact: 'dist',
      services: web(`./bin/${packageName(text)}`),
    };
  },
};

function packageName(text: string): string {
  try {
    return manifest.parse(parse(text)).package.name;
  } catch {
    throw new TerminalError('bad_cargo_toml', 'Cargo.toml names no [package], so what to build is unknown.',
      { hint: 'A workspace needs [build] command and artifact in millrace.toml, for example "cargo build --release" and "target/release/server".' });
  }
}
