// A worker whose vitest was killed would run on, with every server it started. The channel to vitest
// closes however vitest ends.
process.once('disconnect', () => process.exit(1));
