import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startNats, type TestNats } from '../../test/support/nats.ts';

let nats: TestNats;
beforeAll(async () => { nats = await startNats(); });
afterAll(async () => { await nats.stop(); });

test('given the README, when its example is compared with the one that is run here, then they are the same', async () => {
  const readme = await readFile('README.md', 'utf8');
  const shown = /<!-- examples\/quickstart\/quickstart.ts -->\n```ts\n(?<code>[\s\S]*?)```/.exec(readme)?.groups?.code;
  const real = await readFile('examples/quickstart/quickstart.ts', 'utf8');
  expect(shown).toBe(real.replace('../../src/index.ts', 'millrace'));
});

test('given a broker, when the README\'s example runs, then the saga completes with what its step gave', async () => {
  vi.stubEnv('NATS_URL', nats.url);
  const said: unknown[] = [];
  vi.spyOn(console, 'log').mockImplementation((value) => void said.push(value));
  await import('./quickstart.ts');
  expect(said).toMatchObject([{ data: { text: 'hello world' } }]);
});
