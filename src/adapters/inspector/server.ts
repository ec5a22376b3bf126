import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { TerminalError } from '../../kernel/errors.ts';
import type { InspectionMessage } from '../../projections/chart/inspection.ts';
import { loopbackNames, refusal } from './gate.ts';
import { page, pagePolicy } from './page.ts';

/** Somebody who listens. */
export interface Listener {
  /** Resolves once it is on its way; at once when the listener is gone. Wait for it, so that a slow listener is not flooded. */
  send(message: InspectionMessage): Promise<void>;
  /** Aborts when the listener has gone. */
  readonly gone: AbortSignal;
}

export interface InspectorServer {
  /** `http://127.0.0.1:<port>`: a page with Stately's inspector, or with our own where that cannot be reached. Receivers connect to the same port with `ws://`. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface InspectorOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Feed one listener, until all is said or the listener has gone. */
  readonly feed: (listener: Listener) => Promise<void>;
  /** What went wrong while feeding a listener; the others go on. */
  readonly onError?: (error: unknown) => void;
}

/** Serves inspection messages over WebSocket, on the loopback interface only. @throws TerminalError `port_taken`. */
export async function inspectorServer({ port: wanted, feed, onError = () => undefined }: InspectorOptions): Promise<InspectorServer> {
  const http = createServer((request, response) => { answer(request, response, portOf()); });
  const portOf = (): number => (http.address() as AddressInfo).port;
  const sockets = new WebSocketServer({ server: http, maxPayload: 1024, verifyClient: ({ req }: { req: IncomingMessage }) => refusal(req, loopbackNames(portOf())) === undefined });
  sockets.on('connection', (socket) => {
    socket.on('error', onError);
    feed(listenerOf(socket)).catch(onError);
  });
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      reject(cause.code === 'EADDRINUSE' ? new TerminalError('port_taken', `port ${wanted} is taken`, { cause, hint: 'give another one with --port' }) : cause);
    };
    // The socket server repeats what the other one says.
    sockets.on('error', fail);
    http.listen(wanted, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf()}`,
    port: portOf(),
    close: () => new Promise((resolve) => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      http.close(() => { resolve(); });
      http.closeAllConnections();
    }),
  };
}

function answer({ method, url, headers }: IncomingMessage, response: ServerResponse, port: number): void {
  const refused = refusal({ headers }, loopbackNames(port));
  const [status, type, body] = refused !== undefined ? [403, 'text/plain', `${refused}\n`] as const
    : method !== 'GET' && method !== 'HEAD' ? [405, 'text/plain', 'this page is only to be looked at\n'] as const
      : url === '/' ? [200, 'text/html; charset=utf-8', page] as const : [404, 'text/plain', 'there is nothing here\n'] as const;
  response.writeHead(status, { 'content-type': type, 'content-security-policy': pagePolicy, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  response.end(method === 'HEAD' ? undefined : body);
}

function listenerOf(socket: WebSocket): Listener {
  const gone = new AbortController();
  socket.on('close', () => { gone.abort(); });
  return {
    gone: gone.signal,
    send: (message) => new Promise((resolve) => {
      if (socket.readyState !== socket.OPEN) return resolve();
      // A listener that goes away in the middle is told by `gone`.
      socket.send(JSON.stringify(message), () => { resolve(); });
    }),
  };
}
