/** Commands that only hosts send to each other. A leading `_` keeps them apart from a chart's own. */
export const internal = {
  create: '_create',
  timerDue: '_timer',
  childEnded: '_child',
} as const;

export const isInternal = (command: string): boolean => command.startsWith('_');
