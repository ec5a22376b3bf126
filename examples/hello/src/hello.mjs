// `greetings` is compiled from greetings.mill; the bundle puts it in front of this.
import { greetings } from 'mill:greetings';
import { wheel } from './wheel.mjs';

export function hello({ name, miller, hour }) {
  return `${wheel(hour)}\n\n${greetings[hour]({ name, miller })}`;
}

const args = process.argv.slice(2);
const at = args.indexOf('--hour');
const hour = at === -1 ? new Date().getHours() : Number(args[at + 1]);
if (at !== -1) args.splice(at, 2);

if (!Number.isInteger(hour) || hour < 0 || hour > 23) {
  console.error(`hello: an hour is a whole number from 0 to 23`);
  process.exitCode = 2;
} else {
  console.log(hello({ name: args.join(' ') || 'world', miller: process.env.MILLER || 'Jacquard', hour }));
}
