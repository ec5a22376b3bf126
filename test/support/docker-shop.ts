import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { buildIdOf } from '../../src/adapters/runners/process/folder.ts';
import { dockerRunner, type DockerRunner, type DockerRunnerOptions } from '../../src/adapters/runners/docker/runner.ts';
import type { BuildId, TriggerRequest } from '../../src/machines/run/runner.ts';
import { testImage } from './docker-image.ts';
import { eventually, openShop, request, type Shop } from './runner/shop.ts';

export interface DockerShop extends Shop {
  /** A worker: the same engine and data folder, nothing else in common. */
  worker(options?: Partial<DockerRunnerOptions>): DockerRunner;
  /** Text of every line that was published. */
  texts(): Promise<string[]>;
  /** Whether a line with exactly this text was published. */
  printed(text: string): Promise<boolean>;
  /** Waits for that. Asks for the status all the while: somebody has to look, so that the output is followed. */
  untilPrinted(worker: DockerRunner, id: BuildId, text: string): Promise<void>;
  /** Names of the containers and tags of the images that builds made. */
  left(): Promise<string[]>;
}

export const outputActor = 'run/r1';

/** A request for a command in the test image. */
export const inImage = (command: string, metadata: Record<string, string> = {}, over: Partial<TriggerRequest> = {}): TriggerRequest =>
  request(command, { image: testImage, outputActor, ...metadata }, over);

export const folderOf = (shop: Shop, asked: TriggerRequest): string => join(shop.dataDir, 'docker', 'runs', buildIdOf(asked.idempotencyKey));
export const containerOf = (asked: TriggerRequest): string => `millrace-${buildIdOf(asked.idempotencyKey)}`;
export const baseContainerOf = (asked: TriggerRequest): string => `${containerOf(asked)}-base`;

export async function openDockerShop(docker: Docker): Promise<DockerShop> {
  const shop = await openShop();
  const workers: DockerRunner[] = [];
  /** The builds of this shop: an engine may have others, which are not ours to touch. */
  const ids = async (): Promise<string[]> => {
    const all = await Promise.all(['data', 'elsewhere'].map((name) => readdir(join(shop.dir, name, 'docker', 'runs')).catch(() => [])));
    return all.flat();
  };
  const containers = async (): Promise<{ id: string; names: string[] }[]> => {
    const [mine, there] = [await ids(), await docker.listContainers({ all: true, filters: { label: ['millrace.build'] } })];
    return there.filter(({ Labels }) => mine.includes(Labels['millrace.build'] ?? '')).map(({ Id, Names }) => ({ id: Id, names: Names }));
  };
  const texts = async (): Promise<string[]> => (await shop.lines()).map(({ line }) => line.text);
  const printed = async (text: string): Promise<boolean> => (await texts()).includes(text);
  return {
    ...shop, texts, printed,
    untilPrinted: (worker, id, text) => eventually(async () => { await worker.status(id); return printed(text); }),
    worker(options) {
      const worker = dockerRunner({ docker, ...shop, graceMs: 1000, startGraceMs: 1000, ...options });
      workers.push(worker);
      return worker;
    },
    async left() {
      const mine = (await ids()).flatMap((id) => [`millrace-build:${id}`, `millrace-build:${id}-base`]);
      const images = await docker.listImages({ filters: { reference: ['millrace-build'] } });
      const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => mine.includes(tag));
      return [...(await containers()).flatMap(({ names }) => names), ...tags];
    },
    async close() {
      for (const worker of workers) worker.close();
      for (const { id } of await containers().catch(() => [])) await docker.getContainer(id).remove({ force: true, v: true }).catch(() => undefined);
      await shop.close();
    },
  };
}
