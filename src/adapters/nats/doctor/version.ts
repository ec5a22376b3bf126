import { MillraceError } from '../../../kernel/errors.ts';
import { ADVISED_VERSION } from '../server/version.ts';
import { checkVersion } from '../setup.ts';
import { fine, problem, warning, type Outcome } from './finding.ts';
import type { Patient } from './patient.ts';

/** Whether the server is new enough. */
export const versionCheck = ({ broker }: Patient): Outcome => judgeVersion(broker.nc.info?.version ?? '');

export function judgeVersion(found: string): Outcome {
  try {
    const said = checkVersion(found);
    return said === undefined ? fine(`nats-server ${found}.`) : warning(`${said.replace(/\.$/, '')}.`, `Upgrade nats-server to ${ADVISED_VERSION} or newer.`);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return problem(error.message, error.hint ?? '');
  }
}
