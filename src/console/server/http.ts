import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { compiledFile } from '../places.ts';
import type { Access } from './access.ts';

/** Scripts, styles and connections of this very server and nothing else; in nobody's frame. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const safety = {
  'content-security-policy': policy, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin', 'cache-control': 'no-store',
};

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml', map: 'application/json',
};

interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const said = (status: number, body: string): Reply => ({ status, type: 'text/plain; charset=utf-8', body: `${body}\n` });

/** Answers what is no socket: the page's files, and the session. `refused`: why this request is not served at all. */
export async function answerHttp(request: IncomingMessage, response: ServerResponse, access: Access, refused: string | undefined): Promise<void> {
  const { status, type, body, headers = {} } = refused === undefined ? await reply(request, access) : said(403, refused);
  response.writeHead(status, { ...safety, ...(type === undefined ? {} : { 'content-type': type }), ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function reply(request: IncomingMessage, access: Access): Promise<Reply> {
  const { method, url = '/' } = request;
  const [path = '/'] = url.split('?');
  if (path === '/session') return method === 'POST' ? enter(request, access) : { status: access.who(request) === undefined ? 401 : 204 };
  if (method !== 'GET' && method !== 'HEAD') return said(405, 'this is only to be looked at');
  return await file(path) ?? said(404, 'there is nothing here');
}

/** What the page is made of. No dot but the suffix's, so no way out. */
const served = /^\/src\/(console\/page\/[\w/-]+\.(html|js|css|svg|js\.map))$/;

async function file(path: string): Promise<Reply | undefined> {
  const [, name] = served.exec(path === '/' ? '/src/console/page/index.html' : path) ?? [];
  if (name === undefined) return undefined;
  const body = await readFile(compiledFile(name)).catch(() => undefined);
  return body === undefined ? undefined : { status: 200, type: types[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain', body };
}

/** A cookie for a token. JSON only, which a form of another page cannot send. */
async function enter(request: IncomingMessage, access: Access): Promise<Reply> {
  if (request.headers['content-type'] !== 'application/json') return said(415, 'send JSON');
  const text = await read(request, 2_048);
  if (text === undefined) return said(413, 'that is too long for a token');
  const entered = access.enter(tokenIn(text) ?? '');
  if (entered === undefined) return said(403, 'that is not a token of this console');
  return entered === 'later' ? { ...said(429, 'too many wrong tokens; try again in a minute'), headers: { 'retry-after': '60' } } : { status: 204, headers: { 'set-cookie': entered.cookie } };
}

function tokenIn(text: string): string | undefined {
  try {
    const { token } = JSON.parse(text) as { token?: unknown };
    return typeof token === 'string' ? token : undefined;
  } catch {
    return undefined;
  }
}

async function read(request: IncomingMessage, most: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
