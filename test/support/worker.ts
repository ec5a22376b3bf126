// A worker whose vitest was killed would run on, with every server it started. The channel to vitest
// closes however vitest ends. A worker that runs many files comes here for each.
const here = globalThis as { millraceWatchesVitest?: true };
if (here.millraceWatchesVitest === undefined) process.once('disconnect', () => process.exit(1));
here.millraceWatchesVitest = true;
