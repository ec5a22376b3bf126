import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface PromiseEndpoint {
  readonly url: string;
  readonly token: string;
  readonly requests: readonly { readonly method: string; readonly path: string; readonly token: string; readonly body: { readonly exit_status?: number; readonly reason?: string } }[];
  /** Answers one request, in order, instead of what it would say. */
  readonly next: ((response: ServerResponse) => void)[];
  /** The promise that was taken. */
  taken: number | undefined;
  running: boolean;
  /** 404 for everything: the feature is off. */
  off: boolean;
  /** Cut every connection. */
  dropAll(): void;
  close(): Promise<void>;
}

/** Buildkite's `PUT jobs/{id}/promise_failure`, for the job `job-1`. */
export async function promiseEndpoint(): Promise<PromiseEndpoint> {
  const requests: { method: string; path: string; token: string; body: { exit_status?: number; reason?: string } }[] = [];
  const endpoint: PromiseEndpoint = {
    url: '', token: 'bkaj_0123456789abcdefABCDEF', requests, next: [], taken: undefined, running: true, off: false,
    dropAll: () => server.closeAllConnections(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const say = (response: ServerResponse, status: number, message?: string): void => {
    response.writeHead(status, message === undefined ? {} : { 'content-type': 'application/json' }).end(message === undefined ? undefined : JSON.stringify({ message }));
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const asked = { method: request.method ?? '', path: request.url ?? '', token: request.headers.authorization ?? '', body: JSON.parse(body) as { exit_status?: number } };
      requests.push(asked);
      const scripted = endpoint.next.shift();
      if (scripted !== undefined) return scripted(response);
      if (asked.token !== `Token ${endpoint.token}`) return say(response, 401, 'bad token');
      if (endpoint.off || asked.method !== 'PUT' || asked.path !== '/v3/jobs/job-1/promise_failure') return say(response, 404, 'not found');
      if (!endpoint.running) return say(response, 422, 'job is not running');
      endpoint.taken ??= asked.body.exit_status;
      return endpoint.taken === asked.body.exit_status ? say(response, 204) : say(response, 409, 'another status was promised');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(endpoint, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3` });
}
