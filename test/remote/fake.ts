/** Servers' interfaces as far as they are asked for, with faults that a test says. What they say right is made up, but for the first distribution. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const Body = z.object({
  content: z.union([z.string(), z.array(z.int())]).optional(),
  /** A text is split by no fake. */
  prompt: z.union([z.array(z.int()), z.string().transform((): number[] => [])]).default([]),
  stream: z.boolean().default(false),
  n_predict: z.int().default(0),
  n_probs: z.int().optional(),
  logit_bias: z.unknown().optional(),
  // vLLM's.
  max_tokens: z.int().default(0),
  logprobs: z.int().optional(),
  vllm_xargs: z
    .strictObject({ slot_hidden: z.literal(1).optional(), slot_delta: z.string().optional() })
    .optional(),
});

export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: z.infer<typeof Body>;
  /** The same with all that it holds. */
  readonly raw: unknown;
}

/** JSON, or what the answer is written with. */
export type Reply =
  | { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> }
  | ((response: ServerResponse) => void);

/** An answer in place of the right one. */
export type Fault = (asked: Asked) => Reply | undefined;

/** At this path alone. */
export const at =
  (where: string, reply: Reply): Fault =>
  (asked) =>
    asked.path === where ? reply : undefined;

export interface FakeModel {
  readonly d: number;
  readonly vocab: number;
  /** Log-probabilities of the most probable tokens after this one. */
  readonly next: (id: number) => ReadonlyMap<number, number>;
}

/** Of what it reads in one piece. */
const LONGEST_READ = 128;

export abstract class FakeServer {
  readonly asked: Asked[] = [];
  /** Answers that were closed before they were whole. */
  closed = 0;
  fault: Fault = () => undefined;

  constructor(
    private readonly server: Server,
    private readonly scheme: 'http' | 'https',
    protected readonly model: FakeModel,
  ) {
    server.on('request', (request, response) => void this.answer(request, response));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get address(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request).catch(() => '');
    const { pathname } = new URL(request.url ?? '', 'http://127.0.0.1');
    const { authorization } = request.headers;
    const raw: unknown = sent === '' ? {} : JSON.parse(sent);
    const asked = { path: pathname, authorization, body: Body.parse(raw), raw };
    this.asked.push(asked);
    response.on('close', () => {
      if (!response.writableEnded) this.closed++;
    });
    const reply = this.fault(asked) ?? this.right(asked);
    if (typeof reply === 'function') reply(response);
    else {
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      response.end(JSON.stringify(reply.body));
    }
  }

  /** Where nothing is wrong. */
  protected abstract right(asked: Asked): Reply;
}

interface Where {
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly port?: number | undefined;
}

export async function listening<T extends FakeServer>(
  make: (server: Server, scheme: 'http' | 'https') => T,
  { tls, port = 0 }: Where = {},
): Promise<T> {
  const server = tls ? createTlsServer(tls) : createServer();
  const fake = make(server, tls ? 'https' : 'http');
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return fake;
}

export class FakeLlama extends FakeServer {
  static start(model: FakeModel, tls?: Where['tls'], port?: number): Promise<FakeLlama> {
    return listening((server, scheme) => new FakeLlama(server, scheme, model), { tls, port });
  }

  protected right({ path, body }: Asked): Reply {
    const { d, vocab, next } = this.model;
    switch (path) {
      case '/props':
        return ok({ default_generation_settings: { n_ctx: 512 }, total_slots: 2, build_info: 'fake' });
      case '/v1/models':
        return ok({ data: [{ id: 'fake', meta: { n_vocab: vocab, n_embd: d } }] });
      case '/tokenize':
        return ok({ tokens: [] });
      case '/embedding':
        return embedding(body.content, d);
      case '/completion':
        return body.n_probs ? nextTokens(next(body.prompt.at(-1) ?? 0)) : written(body);
      default:
        return error(404, 'File Not Found');
    }
  }
}

/** What it says is the hidden state of a token, wherever it stands. */
export function stateOf(id: number, d: number): number[] {
  return Array.from({ length: d }, (_, i) => Math.sin(id + i));
}

function embedding(content: Asked['body']['content'], d: number): Reply {
  const ids = typeof content === 'object' ? content : [];
  return ids.length > LONGEST_READ
    ? error(500, `too large: increase the physical batch size (current batch size: ${LONGEST_READ})`)
    : ok([{ index: 0, embedding: ids.map((id) => stateOf(id, d)) }]);
}

function nextTokens(next: ReadonlyMap<number, number>): Reply {
  const top_logprobs = [...next].map(([id, logprob]) => ({ id, logprob }));
  return ok({ completion_probabilities: [{ top_logprobs }] });
}

/** The ids 40, 41, … 49, 40, … */
function written({ stream, n_predict }: Asked['body']): Reply {
  const tokens = Array.from({ length: n_predict }, (_, i) => 40 + (i % 10));
  if (!stream) return ok({ tokens });
  return (response) => {
    for (const [i, token] of tokens.entries())
      response.write(event({ content: 'a', tokens: [token], tokens_predicted: i + 1 }));
    response.end(event({ content: '', tokens: [], stop: true, tokens_predicted: n_predict }));
  };
}

export function event(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function error(status: number, message: string, headers: Record<string, string> = {}): Reply {
  return { status, body: { error: { code: status, message, type: 'error' } }, headers };
}
