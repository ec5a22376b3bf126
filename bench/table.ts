import type { BrowserFigures, ConsoleFigures } from './console.ts';
import type { Figures } from './main.ts';

const n = (value: number, digits = 0): string => value.toFixed(digits);
const row = (cells: readonly string[]): string => cells.map((cell, i) => (i === 0 ? cell.padEnd(38) : cell.padStart(12))).join('');

/** The figures for people. */
export function tableOf({ machine, ceiling, raw, w1, w1b, w2, w3, w4, runs, promises, load, replay, growth, soak, console: pages }: Figures): string {
  const cpu = (one: Figures['w1'][number]): string[] => [n(one.workerCpuMs, 2), n(one.serverCpuMs, 2), n(one.cpuMs, 2)];
  const sagas = (name: string, figures: Figures['w1']): string[] => [
    row([`${name}${figures[0] === undefined ? '' : `, ${figures[0].workers} worker processes`}`, 'sagas/s', 'records/s', 'of ceiling', 'p50 ms', 'p99 ms', 'CPU worker', 'server', 'publisher']),
    ...figures.map((one) => row([`  ${one.atOnce} at once`, n(one.perSecond), n(one.perSecond * one.records), `${n(one.share * 100)} %`, n(one.p50Ms, 1), n(one.p99Ms, 1), ...cpu(one)])),
  ];
  const single = w1.find(({ atOnce }) => atOnce === 1);
  return [
    `${machine.cpus} CPUs, Node ${machine.node}, nats-server ${machine.server}, load average ${n(machine.loadBefore, 1)} before and ${n(machine.loadAfter, 1)} after`, '',
    row(['the bare committer', 'records/s', 'p50 ms', 'p99 ms', '', 'CPU ms']),
    ...ceiling.map((one) => row([`  ${one.actors} actors`, n(one.perSecond), n(one.p50Ms, 2), n(one.p99Ms, 2), '', n(one.cpuMs, 3)])), '',
    ...sagas('W1: eleven steps', w1),
    ...raw.map((one) => row([`  ${one.appends} raw appends, p50 ms`, '', '', '', n(one.p50Ms, 1), single === undefined ? '' : `1: ${n(single.p50Ms / one.p50Ms, 2)}`])), '',
    ...sagas('W1b: fails at step 9, undone', w1b), '',
    row(['W2: timers', 'set/s', 'late p50 ms', 'late p99 ms', 'stored p99']),
    ...w2.map((one) => row([`  ${one.timers}`, n(one.setPerSecond), n(one.lateP50Ms, 1), n(one.lateP99Ms, 1), n(one.storedP99Ms, 1)])), '',
    row(['W3: killed amid sagas', 'done before', 'all done ms', 'ran twice', 'of steps']),
    ...w3.map((one) => row([`  ${one.killed}, ${one.sagas} sagas`, n(one.doneBefore), n(one.allDoneMs), n(one.ranTwice), n(one.steps)])), '',
    row(['W4: parked actors', 'bytes each', 'answer ms', 'once ready']),
    ...w4.map((one) => row([`  ${one.actors}`, n(one.bytesEach), n(one.firstAnswerMs), n(one.firstWakeMs)])), '',
    ...runs.flatMap((one) => [
      row([`runs polled every ${one.everyMs} ms, ${n(one.seconds)} s`, 'polls/s', 'mean ms', 'drift', 'p99 ms', 'max ms', 'polls a run']),
      row([`  ${one.runs}`, n(one.pollsPerSecond), n(one.meanMs, 1), `${n(one.drift * 100, 1)} %`, n(one.p99Ms), n(one.maxMs), `${one.fewest}-${one.most}`]),
      row(['', 'chains', 'dead', 'MB first', 'MB last', 'CPU', 'rec. a run']),
      row(['', `${one.chains.min}-${one.chains.max}`, n(one.deadLetters), n(one.rssStartMb), n(one.rssEndMb), `${n(one.cpuShare * 100)} %`, n(one.recordsPerRun, 1)]), '',
    ]),
    row(['promises through the socket', 'calls/s', 'p50 ms', 'p99 ms', 'first ms', 'CPU ms']),
    ...promises.map((one) => row([`  ${one.inFlight} at once`, n(one.perSecond), n(one.p50Ms, 2), n(one.p99Ms, 2), n(one.firstMs), n(one.cpuMs, 3)])), '',
    row(['load of one cold actor', '', 'p50 ms', 'p99 ms']),
    ...load.map((one) => row([`  ${one.records} records`, '', n(one.p50Ms, 1), n(one.p99Ms, 1)])), '',
    row(['replay', 'records/s']),
    ...replay.map((one) => row([`  ${one.machine}`, n(one.perSecond)])), '',
    row(['W1 and W4 beside finished sagas', 'sagas/s', 'p50 ms', 'p99 ms', 'CPU worker', 'server', 'publisher', 'answer ms', 'once ready']),
    ...growth.map((one) => row([`  ${one.finished} finished`, n(one.perSecond), n(one.p50Ms, 1), n(one.p99Ms, 1), n(one.workerCpuMs, 2), n(one.serverCpuMs, 2), n(one.cpuMs, 2), n(one.firstAnswerMs), n(one.firstWakeMs)])), '',
    ...soak.flatMap((one) => [
      row([`soak: ${one.rounds} rounds, ${one.actors} actors`, 'heap MB', 'worker MB', 'server MB', 'consumers', 'streams', 'files']),
      ...([['early', one.early], ['late', one.late]] as const).map(([when, at]) => row([`  ${when}`, n(at.workerHeapMb, 1), n(at.workerRssMb), n(at.serverRssMb), n(at.consumers), n(at.streams), n(at.files)])),
      row([`  ${one.records} records, ${one.left} commands left`]),
    ]),
    ...pages.flatMap((one) => [
      '', row([`console: ${one.builds} builds, 200 changes/s`, 'view ms', 'input p50', 'input p99', 'input max', 'pushes/s', 'kB/s']),
      row(['  its server', n(one.firstViewMs), n(one.inputP50Ms, 1), n(one.inputP99Ms, 1), n(one.inputMaxMs), n(one.pushesPerSecond, 1), n(one.kbPerSecond)]),
      ...inBrowser(one, ({ firstViewMs, frameP50Ms, frameP99Ms, frameMaxMs, inputs, seconds }) => row([`  in Chromium, ${inputs} inputs in ${n(seconds)} s`, n(firstViewMs), n(frameP50Ms, 1), n(frameP99Ms, 1), n(frameMaxMs)])),
      ...inBrowser(one, ({ answerP50Ms, answerMaxMs }) => row(['  a search answered and painted', '', n(answerP50Ms, 1), '', n(answerMaxMs)])),
      row([`  ${one.changes} changes more`, 'MB early', 'MB late']), row(['  its server', n(one.heapEarlyMb, 1), n(one.heapLateMb, 1)]),
      ...inBrowser(one, (page) => row([`  its page, ${page.nodesEarly} and ${page.nodesLate} nodes`, n(page.heapEarlyMb, 1), n(page.heapLateMb, 1)])),
      row([`  a log of ${one.records}`, 'open ms', 'newest ms', 'moment p50', 'moment p99', 'moment max']), row(['  its server', n(one.openMs), n(one.foldedMs), n(one.momentP50Ms, 1), n(one.momentP99Ms, 1), n(one.momentMaxMs)]),
      ...inBrowser(one, (page) => row(['  in Chromium', '', n(page.openMs), n(page.momentP50Ms, 1), n(page.momentP99Ms, 1), n(page.momentMaxMs)])),
      ...(one.browser === null ? ['  there is no Chromium here: its page was not measured'] : []),
    ]),
  ].join('\n');
}

const inBrowser = ({ browser }: ConsoleFigures, line: (figures: BrowserFigures) => string): readonly string[] => (browser === null ? [] : [line(browser)]);
