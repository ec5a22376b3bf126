import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';

/**
 * A configuration as `conf`, and in which jobs may come in with a credential that `issuer` vouches for. Whoever
 * comes without any is let in as before: as the local user, whose key nobody has. Written into the data folder.
 */
export function withJobs(conf: string, dataDir: string, issuer: string): string {
  const local = createUser().getPublicKey();
  const file = join(dataDir, 'nats-server.conf');
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `# Made by Millrace at each start: ${conf}, and the credentials of jobs.
${readFileSync(conf, 'utf8')}
no_auth_user: ${local}
authorization {
  users: [ { nkey: ${local} } ]
  # A worker of this data folder says what a job may do; see docs/decisions/0008.
  auth_callout { issuer: ${issuer}, auth_users: [ ${local} ] }
}
`, { mode: 0o600 });
  renameSync(fresh, file);
  return file;
}
