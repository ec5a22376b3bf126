import type { Command } from 'commander';
import { arrange } from '../../console/layout/elk.ts';
import { keptIn, layoutCache } from '../../console/layout/kept.ts';
import { layout } from '../../console/layout/layout.ts';
import type { Definition } from '../../kernel/definition.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { parseActor, requireToken } from '../../kernel/names.ts';
import type { ActorName } from '../../kernel/record.ts';
import { chartOf } from '../../projections/chart/chart.ts';
import { exportConfig, exportModule } from '../../projections/chart/export.ts';
import { downTo, foldChart, type DrawnChart } from '../../projections/chart/fold.ts';
import { chartMermaid } from '../../projections/chart/mermaid.ts';
import { chartSvg, type Lit } from '../../projections/chart/svg.ts';
import { litAt } from '../../projections/chart/time/lit.ts';
import { timeline } from '../../projections/chart/time/timeline.ts';
import { chartTree } from '../../projections/chart/tree.ts';
import { globalsOf, withMillrace, type Globals } from '../globals.ts';
import { definitionFor } from '../machines.ts';
import { jsonLine, line } from '../print.ts';

interface Options {
  readonly svg?: true;
  readonly mermaid?: true;
  readonly xstate?: true;
  readonly at?: string;
  readonly depth?: string;
}

export function addChart(program: Command): void {
  program
    .command('chart <machine>')
    .description('draw a machine: as text, as a picture, or for other tools')
    .option('--svg', 'a picture, light and dark')
    .option('--mermaid', 'a Mermaid state diagram, for documents')
    .option('--xstate', "a machine XState and Stately's editor can read; with -o json only its config")
    .option('--at <actor[@record]>', 'light the states an actor is in, or was in after a record, and the way it took')
    .option('--depth <levels>', 'draw states closed below so many levels')
    .action(async (machine: string, options: Options, self: Command) => {
      const globals = globalsOf(self);
      const wish = wishOf(globals, options);
      requireToken(machine, 'bad_machine_name', 'the machine\'s name');
      const definition = await definitionFor(globals, `${machine}/any`);
      const at = options.at === undefined ? undefined : placeOf(machine, options.at);
      if (wish === 'xstate') return globals.output === 'json' ? jsonLine(exportConfig(definition.machine)) : text(exportModule(definition.machine));
      const whole = chartOf(definition.machine);
      const chart = options.depth === undefined ? whole : foldChart(whole, downTo(depthOf(options.depth)));
      const lit = at === undefined ? {} : await litFor(globals, definition, at);
      await draw(globals, wish, chart, lit);
    });
}

type Wish = 'text' | 'svg' | 'mermaid' | 'xstate';

function wishOf({ output }: Globals, options: Options): Wish {
  const wishes = (['svg', 'mermaid', 'xstate'] as const).filter((wish) => options[wish]);
  const [wish = 'text', other] = wishes;
  if (other !== undefined) throw new TerminalError('bad_option', `--${wish} and --${other} are two drawings`, { hint: 'ask for one at a time' });
  if (output === 'json' && (wish === 'svg' || wish === 'mermaid')) throw new TerminalError('bad_option', `--${wish} is no JSON`, { hint: 'leave out -o json, or leave out the drawing to have the chart as JSON' });
  const bent = (['at', 'depth'] as const).find((name) => options[name] !== undefined);
  if (wish === 'xstate' && bent !== undefined) throw new TerminalError('bad_option', `--xstate prints the whole machine, which --${bent} does not change`, { hint: 'leave one of them out' });
  return wish;
}

async function draw({ output }: Globals, wish: Wish, chart: DrawnChart, lit: Lit): Promise<void> {
  if (wish === 'svg') return text(chartSvg(await layout(chart, {}, keptIn(layoutCache(process.env), arrange)), lit));
  if (wish === 'mermaid') return text(chartMermaid(chart, lit));
  if (output === 'json') return jsonLine({ ...chart, ...lit });
  if (lit.caption !== undefined) line(lit.caption);
  for (const one of chartTree(chart, lit.active)) line(one);
}

const text = (whole: string): void => line(whole.replace(/\n$/, ''));

interface Place {
  readonly actor: ActorName;
  /** Undefined: after the last one. */
  readonly record: number | undefined;
}

function placeOf(machine: string, at: string): Place {
  const [, name = '', record] = /^([^@]*)(?:@(.*))?$/s.exec(at) ?? [];
  const { actor, type } = parseActor(name);
  if (type !== machine) throw new TerminalError('bad_option', `${actor} is not a ${machine}`, { hint: `draw the machine ${type}, or name an actor of ${machine}` });
  if (record !== undefined && !/^[1-9]\d{0,14}$/.test(record)) throw new TerminalError('bad_option', `"${record}" is not a record's number`, { hint: 'records are numbered from 1; see `millrace history`' });
  return { actor, record: record === undefined ? undefined : Number(record) };
}

async function litFor(globals: Globals, definition: Definition, { actor, record }: Place): Promise<Lit> {
  const records = await withMillrace(globals, (millrace) => millrace.history(actor));
  return litAt(timeline(definition, records), actor, record ?? records.length);
}

function depthOf(levels: string): number {
  const depth = Number(levels);
  if (!Number.isInteger(depth) || depth < 1) throw new TerminalError('bad_option', `"${levels}" is no number of levels`, { hint: 'give 1 or more' });
  return depth;
}
