import { TerminalError } from '../kernel/errors.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `500ms`, `30s`, `1h30m` in milliseconds. @throws TerminalError `bad_option`. */
export function milliseconds(text: string, option: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  const total = Math.round(parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0));
  if (parts.map(([part]) => part).join('') !== text || total < 1) {
    throw new TerminalError('bad_option', `${option} is ${JSON.stringify(text)}, which is no duration`, { hint: 'give a number with its unit: 500ms, 30s, 30m, 2h, 1d, or several as 1h30m' });
  }
  return total;
}

/** A duration for people: its two largest units. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.round(ms / 1000);
  const parts = ([['d', Math.floor(seconds / 86_400)], ['h', Math.floor(seconds / 3600) % 24], ['min', Math.floor(seconds / 60) % 60], ['s', seconds % 60]] as const)
    .filter(([, count]) => count > 0).slice(0, 2);
  return parts.map(([unit, count]) => `${count} ${unit}`).join(' ');
}
