import { z } from 'zod';
import { redact } from '../../kernel/redact.ts';

const reasoned = z.strictObject({ reason: z.string().transform((text) => redact(text)).optional() });

/** The bodies of the commands every saga takes: `{ reason?: string }`, nothing else. */
export const sagaCommands = {
  stop: reasoned,
  start: reasoned,
  cancel: reasoned,
  'retry-undo': reasoned,
  abandon: reasoned,
} as const;
