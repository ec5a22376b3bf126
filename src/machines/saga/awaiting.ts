import { about, named, type ChartState } from './config.ts';

/** Before its turn: the steps of its group that it needs are not over. */
export function awaitingState(step: string, waitsFor: readonly string[]): ChartState {
  return {
    description: `Waits for ${waitsFor.join(', ')}.`,
    always: [
      { guard: named('turnsBack'), target: 'over', description: 'the saga turns back' },
      { guard: about('ready', step), target: 'deciding', description: 'it has what it needs' },
    ],
  };
}
