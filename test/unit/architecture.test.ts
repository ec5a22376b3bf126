import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, violations } from '../support/architecture.ts';

const planted = (path: string, source: string): string[] => violations(new Map([[path, source]]));

describe('the house', () => {
  it('given the sources as they are, then every arrow points inward and the pure rooms are pure', () => {
    const paths = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const files = new Map(paths.map((name) => [join('src', name), readFileSync(join('src', name), 'utf8')]));
    expect(files.size).toBeGreaterThan(10);
    expect(violations(files)).toEqual([]);
  });
});

describe('the checker of the house', () => {
  it.each([
    ['src/kernel/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['src/kernel/a.ts', `import os from 'os';`],
    ['src/kernel/a.ts', `const fs = await import('node:fs');`],
    ['src/kernel/a.ts', `import { startHost } from '../runtime/host.ts';`],
    ['src/kernel/a.ts', `import type { Build } from '../machines/build/values.ts';`],
    ['src/kernel/a.ts', `import { createActor } from 'xstate';`],
    ['src/kernel/a.ts', `const at = new Date();`],
    ['src/kernel/a.ts', `const at = Date();`],
    ['src/machines/run/a.ts', `import {\n  connect,\n  type NatsConnection,\n} from '@nats-io/transport-node';`],
    ['src/machines/run/a.ts', `export { host } from '../../runtime/host.ts';`],
    ['src/projections/a.ts', `import { build } from '../machines/build/chart.ts';`],
    ['src/runtime/a.ts', `import { natsLog } from '../adapters/nats/log/log.ts';`],
    ['src/runtime/a.ts', `import { build } from '../machines/build/chart.ts';`],
    ['src/runtime/a.ts', `import { createMachine } from 'xstate';`],
    ['src/adapters/nats/a.ts', `import { host } from '../../runtime/host/host.ts';`],
    ['src/adapters/nats/a.ts', `import { noop } from '../runners/noop/runner.ts';`],
    ['src/adapters/nats/a.ts', `import '../../cli/main.ts';`],
    ['src/index.ts', `export { main } from './cli/main.ts';`],
    ['src/console/a.ts', `import type { Flags } from '../cli/globals.ts';`],
    ['src/attic/a.ts', `export const a = 1;`],
  ])('given %s with `%s`, then it is found', (path, source) => {
    expect(planted(path, source)).toEqual([expect.stringContaining(path)]);
  });

  it.each([
    ['src/kernel/a.ts', `import { createHash } from 'node:crypto';\nimport type { AnyStateMachine } from 'xstate';`],
    ['src/kernel/xstate-step.ts', `import { createActor } from 'xstate';`],
    ['src/kernel/a.ts', `const at = new Date(record.at).toISOString(); // never new Date()`],
    ['src/machines/build/a.ts', `import type { Readable } from 'node:stream';\nimport { evolve } from '../../kernel/evolve.ts';`],
    ['src/adapters/nats/log/a.ts', `import { TerminalError } from '../../../kernel/errors.ts';\nimport type { EventLog } from '../../../runtime/ports/log.ts';\nimport { ask } from '../ask.ts';`],
    ['src/adapters/nats/log/a.ts', `import { conflict } from '../../../runtime/ports/conflict.ts';`],
    ['src/runtime/a.ts', `import { boardRow } from '../projections/board.ts';`],
    ['src/adapters/nats/a.ts', `import { type EventLog, type Other } from '../../runtime/ports/log.ts';`],
    ['src/cli/a.ts', `import { natsLog } from '../adapters/nats/log/log.ts';\nimport { page } from '../console/page.ts';`],
  ])('given %s with `%s`, then it is content', (path, source) => {
    expect(planted(path, source)).toEqual([]);
  });

  it('given an import spread over lines with types in it, then both are told apart', () => {
    expect(importsOf(`import {\n  type A,\n  b,\n} from './x.ts';\nimport { type C } from './y.ts';\nexport type { D } from './z.ts';`)).toEqual([
      { from: './x.ts', typeOnly: false }, { from: './y.ts', typeOnly: true }, { from: './z.ts', typeOnly: true },
    ]);
  });
});
