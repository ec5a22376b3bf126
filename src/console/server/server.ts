import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { refusal } from '../../adapters/inspector/gate.ts';
import { TerminalError } from '../../kernel/errors.ts';
import { access, isLoopback, ownNames, requireHostName, type Token } from './access.ts';
import { answerHttp } from './http.ts';
import { talk } from './session.ts';
import { openShop, type ShopOptions } from './shop.ts';

export interface ConsoleOptions extends ShopOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Default 127.0.0.1. Any but a loopback address needs a token. */
  readonly host?: string;
  /** Other names, `host:port`, under which browsers reach it, such as a proxy's. */
  readonly names?: readonly string[];
  /** Any of them opens it; none: it is open to whoever reaches it. */
  readonly tokens?: readonly Token[];
  /** Who the commands of its pages are from where no token says it. */
  readonly by: string;
  /** Millrace's version. */
  readonly version: string;
}

export interface ConsoleServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A page is given up when it has not answered a ping after so long. */
const pingMs = 30_000;

/** Bytes of one message of a page. */
const maxPayload = 256 * 1024;

/** The console: the page, and the socket that feeds it. @throws TerminalError `port_taken`, `token_needed`, `bad_host`, `bad_name`; and what a broker that is away throws. */
export async function consoleServer({ port: wanted, host = '127.0.0.1', names = [], tokens = [], by, version, ...options }: ConsoleOptions): Promise<ConsoleServer> {
  if (!isLoopback(host) && tokens.length === 0) {
    throw new TerminalError('token_needed', `${host} can be reached by others, and no token is set`, { hint: 'name a file with a token in it with --token-file, or set MILLRACE_CONSOLE_TOKEN; `openssl rand -hex 32` makes one' });
  }
  for (const name of names) requireHostName(name);
  const http = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16 * 1024 });
  const shop = await openShop(options);
  await listening(http, wanted, host).catch(async (error: unknown) => {
    await shop.close();
    throw error;
  });
  const { port } = http.address() as AddressInfo;
  const own = ownNames(host, port, names);
  const entry = access({ tokens, by, port });
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: { threshold: 4_096, concurrencyLimit: 2 } });

  http.on('request', (request, response) => { answerHttp(request, response, entry, refusal(request, own)).catch(() => { response.destroy(); }); });
  http.on('upgrade', (request: IncomingMessage, socket, head) => {
    const who = request.url === '/live' && refusal(request, own) === undefined ? entry.who(request) : undefined;
    if (who === undefined) {
      socket.end(`HTTP/1.1 ${refusal(request, own) === undefined ? '401 Unauthorized' : '403 Forbidden'}\r\nconnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (line) => {
      const { take, close } = talk(shop, who, line, { version, onError: options.onError });
      let alive = true;
      const pinging = setInterval(() => {
        if (!alive) return line.terminate();
        alive = false;
        line.ping();
      }, pingMs);
      line.on('pong', () => { alive = true; });
      line.on('message', (data: Buffer, isBinary) => { if (isBinary || !take(data.toString('utf8'))) line.close(1008, 'not of this protocol'); });
      line.on('error', () => { line.terminate(); });
      line.on('close', () => {
        clearInterval(pinging);
        close();
      });
    });
  });

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    async close() {
      for (const line of sockets.clients) line.terminate();
      const closed = new Promise<void>((resolve) => { http.close(() => { resolve(); }); });
      http.closeAllConnections();
      await closed;
      await shop.close();
    },
  };
}

function listening(http: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') reject(new TerminalError('port_taken', `port ${port} is taken`, { cause, hint: 'give another one with --port' }));
      else reject(new TerminalError('bad_host', `the console cannot listen on ${host}:${port}: ${cause.message}`, { cause, hint: 'give an address of this machine with --host' }));
    });
    http.listen(port, host, () => { resolve(); });
  });
}
