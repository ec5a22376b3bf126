import { pino } from 'pino';
import type { Logger } from '../runtime/logger.ts';

/** Lines of JSON on standard error; MILLRACE_LOG sets the level (debug, info, warn, error, silent). Default warn. */
export const workerLogger = (): Logger => pino({ level: process.env.MILLRACE_LOG ?? 'warn', base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
