/** The build's eleven steps, in order. */
export const stepNames = [
  'receive-source', 'load-source', 'next-version', 'build-artifact', 'prepare-config', 'handle-ephemeral',
  'create-config-version', 'create-version', 'provision-addons', 'set-active-version', 'finalize',
] as const;
export type StepName = (typeof stepNames)[number];
