import { hiding, jobEnvironmentOf, type JobEnvironment } from '../job-environment.ts';

/** The variables of jobs, by the run's actor, and what of them is not to be shown. */
export interface JobVariables {
  /** Asks for them anew. @throws as `jobEnvironmentOf`. */
  of(actor: string): Promise<Readonly<Record<string, string>>>;
  /** Hides their values in a line. A worker that took a build up asks once, too. @throws as `of`. */
  hide(actor: string, text: string): Promise<string>;
  forget(actor: string): void;
}

export function jobVariables(hook: JobEnvironment | undefined): JobVariables {
  const hides = new Map<string, (text: string) => string>();
  const of = async (actor: string): Promise<Readonly<Record<string, string>>> => {
    const variables = await jobEnvironmentOf(actor, hook);
    hides.set(actor, hiding(variables));
    return variables;
  };
  return {
    of,
    async hide(actor, text) {
      if (hook === undefined) return text;
      const hide = hides.get(actor) ?? hiding(await of(actor));
      return hide(text);
    },
    forget: (actor) => void hides.delete(actor),
  };
}
