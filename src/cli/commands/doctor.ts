import { styleText } from 'node:util';
import type { Command } from 'commander';
import { openBroker } from '../../adapters/nats/broker.ts';
import { examine } from '../../adapters/nats/doctor/doctor.ts';
import type { Finding, Level } from '../../adapters/nats/doctor/finding.ts';
import type { DoctorOptions } from '../../adapters/nats/doctor/options.ts';
import { MillraceError } from '../../kernel/errors.ts';
import { connectionOptions } from '../connection.ts';
import { exitCodes } from '../exit.ts';
import { globalsOf, type Globals } from '../globals.ts';
import { jsonLine, line } from '../print.ts';

interface Options {
  readonly monitor?: readonly string[];
  readonly systemContext?: string;
  readonly strict?: boolean;
  readonly append?: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('is this broker safe and set up? exit 1 when not')
    .option('--monitor <url>', 'monitoring address of a server, such as http://127.0.0.1:8222; may be given again', (url, before: readonly string[] | undefined) => [...(before ?? []), url])
    .option('--system-context <name>', 'nats context of a user of the system account')
    .option('--append', 'also time an append, in a stream that is removed again')
    .option('--strict', 'what cannot be learnt counts as wrong')
    .action(async (options: Options, self: Command) => {
      const globals = globalsOf(self);
      const findings = await diagnose(globals, options);
      const isOk = ({ level }: Finding): boolean => level !== 'problem' && (level !== 'unknown' || options.strict !== true);
      if (globals.output === 'json') jsonLine(findings.map((finding) => ({ check: finding.check, ok: isOk(finding), detail: whole(finding), level: finding.level })));
      else print(findings);
      if (!findings.every(isOk)) process.exitCode = exitCodes.failed;
    });
}

async function diagnose(globals: Globals, { monitor = [], systemContext, append }: Options): Promise<readonly Finding[]> {
  const where = connectionOptions({ server: globals.server, context: globals.context, dataDir: globals.data });
  const examination: DoctorOptions = {
    dataDir: globals.data, monitors: monitor, append: append === true,
    ...(systemContext === undefined ? {} : { system: connectionOptions({ context: systemContext, dataDir: globals.data }, { ...process.env, NATS_URL: undefined }) }),
  };
  let broker: Awaited<ReturnType<typeof openBroker>>;
  try {
    broker = await openBroker({ timeout: 5_000, ...where, prefix: globals.prefix });
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return [{ check: 'connection', level: 'problem', detail: error.message, advice: error.hint ?? 'Check the address and the credentials.' }];
  }
  try {
    return await examine(broker, examination);
  } finally {
    await broker.close();
  }
}

const whole = ({ detail, advice }: Finding): string => (advice === undefined ? detail : `${detail} ${advice}`);

const marks: Readonly<Record<Level, readonly [string, 'green' | 'yellow' | 'red']>> = {
  ok: ['✓', 'green'], warning: ['!', 'yellow'], unknown: ['?', 'yellow'], problem: ['✗', 'red'],
};

function print(findings: readonly Finding[]): void {
  const colour = process.stdout.isTTY === true;
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, level, detail, advice } of findings) {
    const [mark, style] = marks[level];
    line(`${colour ? styleText(style, mark) : mark} ${check.padEnd(width)}  ${detail}`);
    if (advice !== undefined) line(`${' '.repeat(width + 4)}${colour ? styleText('dim', advice) : advice}`);
  }
  const tell = (level: Level, what: string): string => `${findings.filter((finding) => finding.level === level).length} ${what}`;
  line([tell('ok', 'fine'), tell('warning', 'to improve'), tell('unknown', 'not known'), tell('problem', 'wrong')].join(', '));
}
