import { limiterTools } from './limiter.ts';
import { printerTools } from './printer.ts';
import { sideTools } from './side.ts';
import { supervise } from './supervisor.ts';
import { buildMarker, systemTools } from './system.ts';
import { usageTools } from './usage.ts';

/**
 * The supervisor as a program in one file, without any import of ours: it runs the same from the
 * sources and from the compiled package, and a worker that is upgraded or removed does not touch it.
 * Its order comes on its standard input, because it holds secrets.
 */
export const supervisorProgram = (): string => `'use strict';
const fs = require('node:fs');
const { spawn } = require('node:child_process');
const system = (${systemTools.toString()})(fs, ${JSON.stringify(buildMarker)});
const usage = (${usageTools.toString()})(fs, system);
const printer = (${printerTools.toString()})(fs, require('node:string_decoder').StringDecoder);
const limiter = (${limiterTools.toString()})(usage);
const start = (${sideTools.toString()})({ fs, spawn, system, limiter });
let order;
try {
  order = JSON.parse(fs.readFileSync(0, 'utf8'));
} catch {
  // What a parser says of it may show a part of it.
  process.stderr.write('the order was cut off\\n');
  process.exit(1);
}
(${supervise.toString()})({ fs, system, printer, start }, order);
`;
