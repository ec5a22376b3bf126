import { stripVTControlCharacters } from 'node:util';
import { redact } from '../../kernel/redact.ts';
