import { familyScenarios } from './family.ts';
import { millScenario } from './mill.ts';
import { plainScenarios } from './plain.ts';
import { sagaScenarios } from './sagas.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [...plainScenarios, ...sagaScenarios, ...familyScenarios, millScenario];
