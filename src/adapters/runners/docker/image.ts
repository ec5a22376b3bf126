import type { AuthConfig } from 'dockerode';
import type Docker from 'dockerode';
import { RetryableError, TerminalError } from '../../../kernel/errors.ts';
import { packDirectory } from '../../sources/pack.ts';
import { labels } from './container.ts';
import { ask, must } from './engine.ts';
import type { Place } from './place.ts';
import type { Plan } from './plan.ts';

/** One line for people, in order. */
export type Say = (text: string) => Promise<void>;

/** What the engine streams while it pulls or builds, one object a line. */
interface Step {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
}

/** Have the image at the engine. @throws TerminalError `no_such_image`; RetryableError when the registry is away. */
export async function pullMissing(docker: Docker, image: string, auth: AuthConfig | undefined, say: Say, signal: AbortSignal): Promise<void> {
  const there = await ask('look at an image', () => docker.getImage(image).inspect());
  if (there.ok) return;
  if (there.status !== 404) must('look at an image', there);
  await say(`pulling ${image}`);
  // Without a tag the engine would pull all of them.
  const whole = /(@|:[^/]+$)/.test(image) ? image : `${image}:latest`;
  const pulled = await ask('pull an image', () => docker.pull(whole, { abortSignal: signal, ...(auth === undefined ? {} : { authconfig: auth }) }));
  if (!pulled.ok && (pulled.status === 404 || pulled.status === 400)) throw noSuchImage(image, pulled.message);
  const error = await follow(must('pull an image', pulled), () => Promise.resolve());
  if (error === undefined) return;
  if (/not found|unknown|denied|unauthorized/i.test(error)) throw noSuchImage(image, error);
  throw new RetryableError('pull_failed', `The image "${image}" could not be pulled: ${error}.`, { hint: 'The registry may be away; it is tried again.' });
}

const noSuchImage = (image: string, why: string): TerminalError =>
  new TerminalError('no_such_image', `The image "${image}" is not at the engine and cannot be pulled: ${why}.`, { hint: 'Check its name and tag, and that the engine may pull it.' });

/** Build the source's Dockerfile. @throws TerminalError `image_build_failed`, with the last words of the build. */
export async function buildImage(docker: Docker, { id, tag, work }: Place, dockerfile: string, { limits, network }: Plan, say: Say, signal: AbortSignal): Promise<string> {
  const context = packDirectory(work, { whole: true });
  const options = {
    t: tag, dockerfile, rm: true, forcerm: true, labels: { [labels.build]: id }, abortSignal: signal,
    ...(limits.memoryBytes === undefined ? {} : { memory: limits.memoryBytes, memswap: limits.memoryBytes }),
    ...(limits.cpus === undefined ? {} : { cpuperiod: 100_000, cpuquota: Math.max(1000, Math.round(limits.cpus * 100_000)) }),
    ...(network === undefined ? {} : { networkmode: network }),
  };
  const started = await ask('build an image', () => docker.buildImage(context, options), limits.timeoutMs);
  if (!started.ok && started.status < 500) throw failed(started.message);
  const error = await follow(must('build an image', started), say);
  if (error !== undefined) throw failed(error);
  return tag;
}

const failed = (why: string): TerminalError =>
  new TerminalError('image_build_failed', `The image could not be built: ${why}.`, { hint: 'The build output has every step.' });

/** Read the engine's steps to their end; what it says went wrong. */
async function follow(stream: NodeJS.ReadableStream, say: Say): Promise<string | undefined> {
  let rest = '';
  let error: string | undefined;
  const take = async (line: string): Promise<void> => {
    if (line.trim() === '') return;
    const step = JSON.parse(line) as Step;
    error ??= step.error?.trim().replace(/\.$/, '');
    for (const text of (step.stream ?? '').split('\n')) if (text.trim() !== '') await say(text);
  };
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) await take(line);
    }
    await take(rest);
  } catch (cause) {
    if (cause instanceof RetryableError) throw cause;
    throw new RetryableError('engine_unavailable', `The Docker engine went away in the middle of an image: ${String(cause)}.`, { hint: 'It is tried again.', cause });
  }
  return error;
}
