/** Requests and answers of a real server, recorded between it and the engine, and a server that answers from them. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const Exchange = z.object({
  method: z.string(),
  path: z.string(),
  /** Of JSON. */
  body: z.unknown(),
  hasKey: z.boolean(),
  status: z.int(),
  type: z.string(),
  /** Of an answer that is no text. */
  base64: z.string().optional(),
  text: z.string().optional(),
});
export type Exchange = z.infer<typeof Exchange>;
export const Recording = z.object({
  engine: z.string(),
  family: z.string(),
  run: z.array(Exchange),
  /** Of requests that are wrong, by what is. */
  refusals: z.record(z.string(), Exchange),
});
export type Recording = z.infer<typeof Recording>;

type Request = Pick<Exchange, 'method' | 'path' | 'body' | 'hasKey'>;

/** Between a client and a server. */
export class Recorder {
  readonly exchanges: Exchange[] = [];
  private constructor(private readonly server: Server) {}

  static async start(target: string): Promise<Recorder> {
    const server = createServer();
    const recorder = new Recorder(server);
    server.on('request', (request, response) => void recorder.forward(target, request, response));
    await listening(server);
    return recorder;
  }

  get address(): string {
    return addressOf(this.server);
  }

  stop(): Promise<void> {
    return stopped(this.server);
  }

  private async forward(target: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { request, sent } = await read(incoming);
    const { authorization } = incoming.headers;
    const answer = await fetch(new URL(request.path, target), {
      method: request.method,
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      ...(sent.length > 0 && { body: new Uint8Array(sent) }),
    });
    const exchange = await exchangeOf(request, answer);
    this.exchanges.push(exchange);
    reply(exchange, response);
  }
}

export async function exchangeOf(request: Request, answer: Response): Promise<Exchange> {
  const type = answer.headers.get('content-type') ?? '';
  const bytes = Buffer.from(await answer.arrayBuffer());
  const isBinary = type === 'application/octet-stream';
  const content = isBinary ? { base64: bytes.toString('base64') } : { text: bytes.toString() };
  return { ...request, status: answer.status, type, ...content };
}

/** Answers what was asked when it was recorded, each as often as then, and the last of the same again. */
export class Replay {
  /** Requests that were never recorded. */
  readonly unknown: Request[] = [];
  private readonly used = new Set<Exchange>();

  private constructor(
    private readonly server: Server,
    private readonly exchanges: readonly Exchange[],
  ) {}

  static async start(exchanges: readonly Exchange[]): Promise<Replay> {
    const server = createServer();
    const replay = new Replay(server, exchanges);
    server.on('request', async (incoming, response) => {
      const { request } = await read(incoming);
      const found = replay.find(request);
      if (found) reply(found, response);
      else {
        replay.unknown.push(request);
        response.writeHead(418).end('{"error":{"message":"never recorded"}}');
      }
    });
    await listening(server);
    return replay;
  }

  get address(): string {
    return addressOf(this.server);
  }

  stop(): Promise<void> {
    return stopped(this.server);
  }

  private find(request: Request): Exchange | undefined {
    const same = this.exchanges.filter((exchange) => isSame(request, exchange));
    const found = same.find((exchange) => !this.used.has(exchange)) ?? same.at(-1);
    if (found) this.used.add(found);
    return found;
  }
}

function isSame(request: Request, recorded: Request): boolean {
  return (
    request.method === recorded.method &&
    request.path === recorded.path &&
    request.hasKey === recorded.hasKey &&
    isSameBody(request.body, recorded.body)
  );
}

const Adapted = z.looseObject({ vllm_xargs: z.strictObject({ slot_delta: z.string() }) });
/** Of a number of a delta: processors differ in the last digits. */
const TOLERANCE = 1e-3;

function isSameBody(asked: unknown, recorded: unknown): boolean {
  const [a, b] = [Adapted.safeParse(asked), Adapted.safeParse(recorded)];
  if (!a.success || !b.success) return isDeepStrictEqual(asked, recorded);
  const { vllm_xargs: own, ...rest } = a.data;
  const { vllm_xargs: other, ...others } = b.data;
  const [x, y] = [floatsOf(own.slot_delta), floatsOf(other.slot_delta)];
  return (
    isDeepStrictEqual(rest, others) &&
    x.length === y.length &&
    x.every((value, i) => Math.abs(value - y[i]!) < TOLERANCE)
  );
}

export function floatsOf(base64: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
}

async function read(incoming: IncomingMessage): Promise<{ request: Request; sent: Buffer }> {
  const sent = await buffer(incoming);
  const body: unknown = sent.length > 0 ? JSON.parse(sent.toString()) : null;
  const { method = 'GET', url = '/' } = incoming;
  return { request: { method, path: url, body, hasKey: incoming.headers.authorization !== undefined }, sent };
}

function reply({ status, type, text, base64 }: Exchange, response: ServerResponse): void {
  response.writeHead(status, { 'content-type': type });
  response.end(base64 === undefined ? text : Buffer.from(base64, 'base64'));
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stopped(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
