import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxDefinition } from './sandbox.ts';

const { SANDBOX_DIR = join(tmpdir(), 'millrace-sandboxes'), SANDBOX_PATIENCE_MS = '5000' } = process.env;

/** For `millrace worker --machines`. SANDBOX_DIR: where the sandboxes of this machine are; SANDBOX_PATIENCE_MS: how long their containers may take to answer. */
export const machines = [sandboxDefinition(SANDBOX_DIR, { patienceMs: Number(SANDBOX_PATIENCE_MS) })];
