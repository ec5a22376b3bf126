import { createInbox, nuid, type Msg } from '@nats-io/transport-node';
import { RetryableError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { redactData } from '../../kernel/redact-json.ts';
import type { ControlRequest } from '../../kernel/request.ts';
import type { Status } from '../../kernel/state.ts';
import type { OutgoingCommand } from '../../runtime/ports/queue.ts';
import { signatureHeaders } from './identity/signature.ts';
import type { Signer } from './identity/signer.ts';
import type { Broker } from './broker.ts';
import { apiCode } from './errors.ts';
import { store } from './publish.ts';
import { commandHeaders, header, oneLine, requireAddress } from './queue/wire.ts';

/** The verdict on a command, as scripts read it. */
export type Answer =
  /**
   * `request`: of a command that people control an actor with; `duplicate`: it was under way already, and nothing more was recorded.
   * `existing`, `status`, `output`: of a creating command whose actor was there before, with the same input.
   */
  | {
    readonly accepted: true; readonly seq: number; readonly request?: ControlRequest; readonly duplicate?: true;
    readonly existing?: true; readonly status?: Status; readonly output?: Json;
  }
  | { readonly accepted: false; readonly code: string; readonly reason: string; readonly value: Json; readonly allowed: readonly string[]; readonly hint?: string };

export interface AskOptions {
  /** Who asks, for the record. */
  readonly by?: string;
  /** The command's id; the same id again gets the first one's answer. Default: a fresh one. */
  readonly id?: string;
  /** Signs it, so that workers know who asks. Given as undefined, nobody does: one who speaks for others must not sign for them. */
  readonly signer?: Signer | undefined;
  /** How long to wait for the verdict. Default 10,000 ms. */
  readonly timeoutMs?: number;
}

type Asked = Pick<OutgoingCommand, 'to' | 'command' | 'body'>;

/** Send one command and wait for the verdict. @throws RetryableError `nobody_carries`, `no_answer`: stored, but no worker of this type is there, or none has answered yet. */
export async function askFor(broker: Broker, command: Asked, options: AskOptions): Promise<Answer> {
  const { by, id = nuid.next(), signer, timeoutMs = 10_000 } = options;
  const reply = createInbox();
  const answer = firstMessage(broker, reply, timeoutMs);
  answer.catch(() => undefined);
  await storeAsked(broker, command, { id, reply, ...(by === undefined ? {} : { by }) }, signer);
  try {
    return (await answer).json<Answer>();
  } catch (cause) {
    const asked = `"${command.command}" for ${command.to}`;
    const [type = ''] = command.to.split('/');
    if (await isCarried(broker, type)) {
      throw new RetryableError('no_answer', `no worker answered ${asked} within ${timeoutMs} ms`, {
        cause, hint: `it is stored and will be handled; to hear the verdict, send it again with the id ${id}`,
      });
    }
    throw new RetryableError('nobody_carries', `no worker that carries "${type}" is there to answer ${asked}`, {
      cause, hint: `it is stored and waits for one: start \`millrace worker\`, with --machines for machines of your own. To hear the verdict, send it again with the id ${id}`,
    });
  }
}

/**
 * Who waits for a verdict gets one however often they ask: the server would drop the second of two equal
 * `Nats-Msg-Id`s unanswered, so each asking has its own and the command's id stands beside it. The host takes an id once.
 */
async function storeAsked(broker: Broker, asked: Asked, { id, reply, by }: { id: string; reply: string; by?: string }, signer: Signer | undefined): Promise<void> {
  requireAddress(asked.to, asked);
  const headers = commandHeaders({ ...asked, id, reply, ...(by === undefined ? {} : { by }) });
  const [subject, body, ownId] = [broker.names.command(asked.to, asked.command), JSON.stringify(redactData(asked.body)), oneLine(id)];
  const signed = signer === undefined ? {} : signatureHeaders(signer, { subject, id: ownId, body: new TextEncoder().encode(body) }, Date.now());
  await store(broker, subject, body, { ...headers, ...signed, [header.messageId]: reply, [header.commandId]: ownId });
}

/** Does a worker ask for commands of this type now? One that is only slow to answer does. */
async function isCarried({ jsm, names, partitions }: Broker, type: string): Promise<boolean> {
  const waiting = await Promise.all(Array.from({ length: partitions }, (_, partition) =>
    jsm.consumers.info(names.streams.commands, `${type}_${partition}`).then(({ num_waiting }) => num_waiting > 0, (error: unknown) => apiCode(error) !== consumerNotFound)));
  return waiting.includes(true);
}

const consumerNotFound = 10014;

function firstMessage(broker: Broker, subject: string, timeoutMs: number): Promise<Msg> {
  return new Promise((resolve, reject) => {
    broker.nc.subscribe(subject, { max: 1, timeout: timeoutMs, callback: (error, message) => (error ? reject(error) : resolve(message)) });
  });
}
