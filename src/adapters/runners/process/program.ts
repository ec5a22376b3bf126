import { supervise } from './supervisor.ts';
import { buildMarker, systemTools } from './system.ts';

/**
 * The supervisor as a program in one file, without any import of ours: it runs the same from the
 * sources and from the compiled package, and a worker that is upgraded or removed does not touch it.
 * Its argument is the order's path.
 */
export const supervisorProgram = (): string => `'use strict';
const fs = require('node:fs');
const system = (${systemTools.toString()})(fs, ${JSON.stringify(buildMarker)});
const tools = { fs, system, spawn: require('node:child_process').spawn, StringDecoder: require('node:string_decoder').StringDecoder };
(${supervise.toString()})(tools, JSON.parse(fs.readFileSync(process.argv[2], 'utf8')));
`;
