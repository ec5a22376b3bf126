import { Complaint } from './parse.mjs';

const words = ['name', 'miller'];

/** The rule of each hour, 0 to 23. A day with a gap, an overlap or an unknown word does not compile. */
export function check(file, rules) {
  const day = Array.from({ length: 24 }, () => undefined);
  for (const rule of rules) {
    for (const hour of [rule.from, rule.to]) {
      if (hour > 23) throw new Complaint(file, rule.line, 1, `there is no hour ${hour}`);
    }
    for (const part of rule.parts) {
      if (part.word !== undefined && !words.includes(part.word)) {
        throw new Complaint(file, rule.line, part.column, `unknown word {${part.word}}; there are ${words.map((word) => `{${word}}`).join(' and ')}`);
      }
    }
    for (const hour of hours(rule)) {
      if (day[hour]) throw new Complaint(file, rule.line, 1, `hour ${hour} has a greeting already, from line ${day[hour].line}`);
      day[hour] = rule;
    }
  }
  const gap = day.indexOf(undefined);
  if (gap !== -1) throw new Complaint(file, rules.at(-1)?.line ?? 1, 1, `nobody greets at hour ${gap}`);
  return day;
}

/** Over midnight too: from 22 to 4. */
function* hours({ from, to }) {
  for (let hour = from; ; hour = (hour + 1) % 24) {
    yield hour;
    if (hour === to) return;
  }
}

/** What a rule says, worked out without the compiler: the self-test compares with it. */
export const say = (rule, values) => rule.parts.map((part) => part.literal ?? values[part.word]).join('');
