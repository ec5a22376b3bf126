import type { Command } from 'commander';
import { addAnchor } from './anchor.ts';
import { addExport } from './export.ts';
import { addVerify } from './verify.ts';
import { addWho } from './who.ts';

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('whether the log is what was once appended, and what it says');
  for (const add of [addVerify, addExport, addAnchor, addWho]) add(audit);
}
