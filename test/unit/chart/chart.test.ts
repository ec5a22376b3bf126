import { createMachine } from 'xstate';
import { describe, expect, it } from 'vitest';
import { activeIds } from '../../../src/projections/chart/active.ts';
import { chartOf, type Chart, type ChartState, type ChartTransition } from '../../../src/projections/chart/chart.ts';
import { delayText } from '../../../src/projections/chart/delays.ts';
import { exportConfig, exportModule } from '../../../src/projections/chart/export.ts';
import { downTo, foldChart } from '../../../src/projections/chart/fold.ts';
import { chartTree } from '../../../src/projections/chart/tree.ts';
import { order, player, works } from '../kernel/support/zoo.ts';
import { foreign } from './support/foreign.ts';
import { machines } from './support/machines.ts';

const at = (name: string): Chart => chartOf(foreign[name] as never);
const stateIn = (chart: Chart, id: string): ChartState => chart.states.find((state) => state.id === id) ?? expect.fail(`no state ${id}`);
const from = (chart: Chart, source: string): readonly ChartTransition[] => chart.transitions.filter((one) => one.source === source);
const labels = (chart: Chart, source: string): readonly string[] => from(chart, source).map(({ trigger, guard }) => `${trigger.text}${guard === null ? '' : ` [${guard}]`}`);

describe('the chart of a machine', () => {
  it('given any machine, when it is charted, then the chart is plain JSON and every end of a transition is a state of it', () => {
    for (const [, machine] of machines) {
      const chart = chartOf(machine);
      expect(JSON.parse(JSON.stringify(chart))).toEqual(chart);
      const ids = new Set(chart.states.map(({ id }) => id));
      expect(ids.size).toBe(chart.states.length);
      expect(new Set(chart.transitions.map(({ id }) => id)).size).toBe(chart.transitions.length);
      expect(chart.transitions.flatMap(({ source, targets }) => [source, ...targets]).filter((end) => !ids.has(end))).toEqual([]);
    }
  });

  it('given an order, then its states say what they run, do and are', () => {
    const chart = chartOf(order);
    expect(stateIn(chart, 'order')).toMatchObject({ kind: 'compound', parent: null, initial: 'order.open', path: [] });
    expect(stateIn(chart, 'order.open')).toMatchObject({ kind: 'atomic', parent: 'order', entry: ['raise remind after 34 d 17 h 20 min'] });
    expect(stateIn(chart, 'order.charging')).toMatchObject({ invokes: [{ id: 'charge', src: 'charge' }], entry: ['count'] });
    expect(stateIn(chart, 'order.closed').kind).toBe('final');
    expect(labels(chart, 'order.charging')).toEqual(['again', 'stop', 'charge done', 'charge failed', 'after 1 min', 'after slow']);
    expect(from(chart, 'order.charging').map(({ targets, reenter, actions }) => [targets, reenter, actions])).toEqual([
      [['order.charging'], true, []], [[], false, ['abort charge']], [['order.paid'], false, ['assign paid']], [['order.open'], false, []], [[], false, ['print']], [['order.open'], false, []],
    ]);
    expect(from(chart, 'order.paid')[0]?.actions).toEqual(['send refund to bank/b1 after 100 ms']);
  });

  it('given guards of every form, then each reads as a sentence', () => {
    const chart = at('guards');
    expect(labels(chart, 'guards.a')).toEqual([
      'x [even or (not even and in guards.a)]', 'x [most(3)]', 'x [between(low: 1, high: 2)]', 'x [most]', 'y [in a]',
      'always [even and not even]', 'always [context.n > 99]', 'always [even]',
    ]);
    expect(labels(chart, 'guards.b')).toEqual(['x [isNamed]']);
  });

  it('given actors, then spawned and invoked ones, and what is said to them, are named', () => {
    const chart = at('actors');
    expect(stateIn(chart, 'actors').entry).toEqual(['emit began', 'raise go', 'raise late after 500 ms']);
    expect(stateIn(chart, 'actors.idle').entry).toEqual(['spawn worker as w1', 'send hello to w1', 'send ready to parent', 'enqueueActions']);
    expect(stateIn(chart, 'actors.idle').exit).toEqual(['stop w1', 'cancel late']);
    expect(stateIn(chart, 'actors.busy').invokes).toEqual([{ id: 'tick', src: 'ticker' }, { id: '1.actors.busy', src: 'worker' }, { id: 'named', src: 'worker' }]);
    expect(stateIn(chart, 'actors.busy').entry).toEqual(['begin (initially)']);
  });

  it('given history, then both kinds are told apart and lead where they lead at first', () => {
    const chart = at('wordProcessor');
    expect(stateIn(chart, 'word.shown.last').kind).toBe('history');
    expect(stateIn(chart, 'word.shown.exactly').kind).toBe('deep-history');
    expect(from(chart, 'word.shown.last')).toMatchObject([{ targets: ['word.shown.bold.on'], trigger: { kind: 'default' } }]);
  });

  it('given a chain of eventless transitions, then the last without a guard is the other way', () => {
    const chart = chartOf(createMachine({ initial: 'a', states: { a: { always: [{ guard: 'x', target: 'b' }, { target: 'a' }] }, b: { always: 'a' } } }));
    expect(chart.transitions.map(({ trigger }) => trigger.text)).toEqual(['always', 'otherwise', 'always']);
  });

  it.each([[500, '500 ms'], [90_000, '1 min 30 s'], [90_061_500, '1 d 1 h 1 min 1 s 500 ms'], ['slow', 'slow'], [0, '0 ms'], [1.5, '1.5 ms']])('given the delay %s, then it reads %s', (delay, text) => {
    expect(delayText(delay)).toBe(text);
  });
});

describe('the exported machine', () => {
  it.each(machines.map(([name, machine]) => ({ name, machine })))('given $name, when it is exported and rebuilt, then the chart is the same', ({ machine }) => {
    const config = exportConfig(machine);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    expect(chartOf(createMachine(config as never))).toEqual(chartOf(machine));
  });

  it('given a machine, then the module imports XState alone and holds the same config', () => {
    const text = exportModule(order);
    const [, config = ''] = /^import \{ createMachine \} from "xstate";\n\nexport const machine = createMachine\(([\s\S]*)\);\n$/.exec(text) ?? [];
    expect(JSON.parse(config)).toEqual(exportConfig(order));
  });
});

describe('a folded chart', () => {
  it('given a chart folded below one level, then inner states are counted, and their ways are those of the closed state', () => {
    const folded = foldChart(chartOf(works), downTo(1));
    expect(folded.states.map(({ id }) => id)).toEqual(['works', 'works.both', 'works.packing', 'works.shipped', 'works.dropped']);
    expect(folded.hidden).toEqual({ 'works.both': 7, 'works.packing': 3 });
    expect(folded.transitions.filter(({ source }) => source === 'works.both').map(({ targets }) => targets)).toEqual([['works.both'], ['works.dropped'], ['works.packing']]);
  });

  it('given several ways from inside one closed state to the same place, then they are drawn as one that knows its parts', () => {
    const folded = foldChart(at('deep'), downTo(1));
    const out = folded.transitions.filter(({ source, targets }) => source === 'level1' && targets.includes('outside'));
    expect(out).toHaveLength(1);
    expect(out[0]?.parts?.map(({ trigger }) => trigger.text)).toEqual(['leave1', 'leave2', 'leave3', 'leave4', 'leave5', 'leave6', 'out']);
  });
});

describe('the chart as text', () => {
  it('given a player, then the tree shows where it begins, what is active, and every transition', () => {
    const chart = chartOf(player);
    const active = activeIds(chart, { sound: { on: { low: 'b' } }, lamp: 'lit' });
    expect(active).toEqual(['player', 'player.sound', 'player.sound.on', 'player.sound.on.low', 'player.sound.on.low.b', 'player.lamp', 'player.lamp.lit']);
    const lines = chartTree(chart, active);
    expect(lines.slice(0, 6)).toEqual([
      '* player (parallel)', '*   sound', '      > off', '          power -> #sound.on.last', '*     on', '          power -> off',
    ]);
    expect(lines).toContain('*       > low');
    expect(lines).toContain('        last (history)');
    expect(lines).toHaveLength(chart.states.length + chart.transitions.length + 1);
  });
});
