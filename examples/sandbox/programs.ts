/** What runs in a sandbox, as source text for `node -e`: no file of this folder has to be where the sandbox is. */

/** The sandbox's first process: it is there for as long as the sandbox is. */
export const task = 'setInterval(() => {}, 60_000);';

/** A container: answers with its name on its port of the loopback interface. One named `broken` ends at once, one named `silent` never listens. */
export const container = `
const [name, port] = process.argv.slice(1);
if (name === 'broken') process.exit(1);
if (name === 'silent') setInterval(() => {}, 60_000);
else require('node:http').createServer((_request, response) => response.end(name)).listen(Number(port), '127.0.0.1');
`;
