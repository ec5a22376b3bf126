// Compiles src/ into dist/hello.mjs: parse, check, compile, bundle, test. Needs Node 20, no package, no network.
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { check, say } from './compiler/check.mjs';
import { bundle, emit } from './compiler/emit.mjs';
import { Complaint, parse } from './compiler/parse.mjs';

const steps = 5;
const report = (step, text) => console.log(`[${step}/${steps}] ${text}`);
const read = (file) => readFile(new URL(file, import.meta.url), 'utf8');
const run = promisify(execFile);

async function build() {
  const file = 'src/greetings.mill';
  const rules = parse(file, await read(file));
  report(1, `parsed ${rules.length} greetings from ${file}`);

  const day = check(file, rules);
  report(2, 'checked: each of the 24 hours has its greeting');

  const greetings = emit(day);
  report(3, `compiled ${rules.length} functions and a table of ${day.length}`);

  const output = bundle([{ source: greetings }, { source: await read('src/wheel.mjs') }, { source: await read('src/hello.mjs') }]);
  await rm(new URL('dist', import.meta.url), { recursive: true, force: true });
  await mkdir(new URL('dist', import.meta.url));
  const program = new URL('dist/hello.mjs', import.meta.url);
  await writeFile(program, output);
  await chmod(program, 0o755);
  report(4, `bundled dist/hello.mjs, ${output.length} bytes`);

  await test(program, day);
  report(5, 'tested: the program says the right thing around the clock');
}

/** The compiled program against the rules themselves, each hour in a process of its own. */
async function test(program, day) {
  const words = { name: 'Ada', miller: 'Babbage' };
  for (const [hour, rule] of day.entries()) {
    const { stdout } = await run(process.execPath, [fileURLToPath(program), '--hour', String(hour), words.name], { env: { ...process.env, MILLER: words.miller } });
    const said = stdout.trimEnd().split('\n').at(-1);
    const expected = say(rule, words);
    if (said !== expected) throw new Error(`at ${hour}:00 the program says ${JSON.stringify(said)} instead of ${JSON.stringify(expected)}`);
    if (hour % 6 === 5) report(5, `${String(hour - 5).padStart(2, '0')}:00 to ${String(hour).padStart(2, '0')}:59 right`);
  }
}

try {
  await build();
} catch (error) {
  console.error(error instanceof Complaint ? error.message : error);
  process.exitCode = 1;
}
