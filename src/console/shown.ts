import type { Json } from '../kernel/json.ts';
import { redact } from '../kernel/redact.ts';
import { redactJson } from '../kernel/redact-json.ts';

/** What may leave for a page: the same without secrets. The one door for everything the console shows. */
export const shown = <T>(value: T): T => redactJson(value as Json) as T;

/** Likewise for what is drawn of a machine, where a state may well be called "password". */
export const shownDrawing = <T>(value: T): T => redactJson(value as Json, false) as T;

export const shownText = (text: string): string => redact(text);
