import type { Command } from 'commander';
import type { Millrace } from '../../../connect.ts';
import { TerminalError } from '../../../kernel/errors.ts';
import { parseActor } from '../../../kernel/names.ts';
import type { ActorName, LogRecord } from '../../../kernel/record.ts';
import { requestsOf, type ToldRequest } from '../../../projections/requests.ts';
import { wishesOf, type RefusedWish, type Wish } from '../../../projections/wishes.ts';
import { globalsOf, withMillrace, type Globals } from '../../globals.ts';
import { definitionFor } from '../../machines.ts';
import { aside, fit, jsonLine, line, time } from '../../print.ts';

export function addWho(audit: Command): void {
  audit
    .command('who <actor>')
    .description('who wished what of an actor, when and why, and what became of it; refusals as far as dead letters tell of them')
    .action(async (name: string, _options: object, self: Command) => {
      const globals = globalsOf(self);
      const { actor } = parseActor(name);
      await withMillrace(globals, async (millrace) => {
        const records = await millrace.history(actor);
        for (const wish of wishesOf(records, await requestsFor(globals, actor, records), await refusedFor(millrace, actor))) tell(globals, wish);
      });
    });
}

/** What became of a request is in the actor's context, which only its machine can tell. */
async function requestsFor(globals: Globals, actor: ActorName, records: readonly LogRecord[]): Promise<readonly ToldRequest[]> {
  try {
    return requestsOf(await definitionFor(globals, actor), records);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    aside(`what became of requests is not shown: ${error.message}`);
    return [];
  }
}

async function refusedFor({ dead }: Millrace, actor: ActorName): Promise<readonly RefusedWish[]> {
  const letters = await dead.list();
  return letters.filter(({ type, actorId }) => `${type}/${actorId}` === actor).map(({ at, subject, headers, code, reason }) => {
    const by = headers['Millrace-By'];
    return { actor, at, command: subject.split('.').at(-1) ?? '', ...(by === undefined ? {} : { by }), code, reason };
  });
}

function tell(globals: Globals, { at, settledAt, ...wish }: Wish): void {
  if (globals.output === 'json') return jsonLine({ at: time(at), ...wish, ...(settledAt === undefined ? {} : { settledAt: time(settledAt) }) });
  const { seq, command, by, signedBy, reason, became, detail } = wish;
  const who = by === undefined ? '' : ` by ${by}${signedBy === undefined ? '' : ' (signed)'}`;
  const why = reason === undefined ? '' : `, "${reason}"`;
  line(fit(`${String(seq ?? '-').padStart(4)}  ${time(at)}  ${command}${who}${why}: ${became}${settledAt === undefined ? '' : ` ${time(settledAt)}`}${detail === undefined ? '' : `: ${detail}`}`));
}
