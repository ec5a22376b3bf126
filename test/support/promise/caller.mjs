// A process of a test suite: promises again and again, and tells how each call ended and how long it took.
import { pathToFileURL } from 'node:url';

const [, , dist, calls, deadlineMs, exitStatus = '1'] = process.argv;
const { promiseFailure } = await import(pathToFileURL(`${dist}/src/adapters/job/promise-failure.js`).href);
const { promiseExitCode } = await import(pathToFileURL(`${dist}/src/cli/commands/promise-failure.js`).href);
const told = [];
for (let call = 0; call < Number(calls); call++) {
  const began = performance.now();
  const answer = await promiseFailure({ exitStatus: Number(exitStatus), deadlineMs: Number(deadlineMs), reason: `call ${call} of ${process.pid}`, env: process.env });
  told.push({ code: promiseExitCode(answer), outcome: answer.outcome, ms: performance.now() - began });
}
process.stdout.write(JSON.stringify(told));
