/**
 * One server over HTTP. Its key goes to the address that it was given for and nowhere else: redirects are refused. Answers
 * are bounded before they are read.
 */
import { Agent, type Dispatcher, EnvHttpProxyAgent, type Response, fetch as undiciFetch } from 'undici';
import type { z } from 'zod';
import { readBody } from '../http/read-body';
import { badAnswer, cut, redirected, refusal, tooLong, unreachable } from './faults';

/** For the first byte of an answer: a long prompt takes a slow server minutes. */
const FIRST_BYTE_MS = 15 * 60_000;
/** For the bytes after it. */
const SILENCE_MS = 2 * 60_000;
const CONNECT_MS = 10_000;
/** Of an answer that tells of the server or of an error. */
const SMALL = 4 * 2 ** 20;
/** Of one line of a stream. */
const LONGEST_LINE = 4 * 2 ** 20;

export interface Ask {
  /** Sent as JSON by POST; without it, GET. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** The most bytes that a right answer can have. */
  readonly maxBytes?: number;
}

export class ServerConnection {
  private readonly agent: Dispatcher;

  /** @param address see `ServerAddress` */
  constructor(
    readonly address: string,
    private readonly key: string | undefined,
  ) {
    const timeouts = { headersTimeout: FIRST_BYTE_MS, bodyTimeout: SILENCE_MS };
    const options = { connect: { timeout: CONNECT_MS }, ...timeouts };
    this.agent = isLoopback(address) ? new Agent(options) : new EnvHttpProxyAgent(options);
  }

  /** @throws EngineError; `TransientError` for what may pass by itself; the signal's reason */
  async json<T>(path: string, schema: z.ZodType<T>, ask: Ask): Promise<T> {
    const response = await this.open(path, ask);
    return this.parse(path, await this.text(response, ask.maxBytes ?? SMALL, ask.signal), schema);
  }

  /** @param path of what was asked @throws EngineError */
  parse<T>(path: string, text: string, schema: z.ZodType<T>): T {
    const found = schema.safeParse(parsed(text));
    if (found.success) return found.data;
    const [issue] = found.error.issues;
    throw badAnswer(this.host, path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }

  /** An answer that is no text. @throws as `json` */
  async bytes(path: string, ask: Ask): Promise<Buffer> {
    return this.body(await this.open(path, ask), ask.maxBytes ?? SMALL, ask.signal);
  }

  /** The data of a stream's events, as they come. @throws as `json` */
  async *events(path: string, ask: Ask): AsyncGenerator<string, void> {
    const response = await this.open(path, ask);
    const decoder = new TextDecoder();
    let waiting = '';
    let received = 0;
    try {
      for await (const chunk of response.body ?? []) {
        received += chunk.length;
        waiting += decoder.decode(chunk, { stream: true });
        const lines = waiting.split('\n');
        waiting = lines.pop() ?? '';
        if (waiting.length > LONGEST_LINE || received > (ask.maxBytes ?? SMALL))
          throw tooLong(this.host, path);
        for (const line of lines) if (line.startsWith('data:')) yield line.slice('data:'.length).trim();
      }
    } catch (error) {
      ask.signal.throwIfAborted();
      throw cut(this.host, error);
    } finally {
      // Also where nobody reads on: the server stops writing when the stream is closed.
      await response.body?.cancel().catch(() => undefined);
    }
  }

  /** The status and the first bytes of an answer, whatever it is: to find out what answers. */
  async look(path: string, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const response = await this.request(path, { signal });
    return { status: response.status, text: await this.text(response, SMALL, signal) };
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  get host(): string {
    return new URL(this.address).host;
  }

  get hasKey(): boolean {
    return this.key !== undefined;
  }

  private async open(path: string, ask: Ask): Promise<Response> {
    const response = await this.request(path, ask);
    if (response.ok) return response;
    const text = await this.text(response, SMALL, ask.signal);
    throw refusal(this.host, response, text, this.hasKey);
  }

  private async request(path: string, { body, signal }: Ask): Promise<Response> {
    try {
      const response = await undiciFetch(new URL(path, base(this.address)), {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          'user-agent': 'slot-studio',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'manual',
        dispatcher: this.agent,
        signal,
      });
      if (response.status < 300 || response.status >= 400) return response;
      await response.body?.cancel();
      throw redirected(this.host, response.headers.get('location'));
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(this.address, error);
    }
  }

  private async text(response: Response, maxBytes: number, signal: AbortSignal): Promise<string> {
    return (await this.body(response, maxBytes, signal)).toString();
  }

  private async body(response: Response, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
    const body = await readBody(response.body, maxBytes).catch((error: unknown) => {
      signal.throwIfAborted();
      throw cut(this.host, error);
    });
    if (body === null) throw tooLong(this.host, new URL(response.url).pathname);
    return body;
  }
}

/** Such that a path is taken from the address's own, also where that is a folder behind a proxy. */
function base(address: string): string {
  return address.endsWith('/') ? address : `${address}/`;
}

/** A proxy has nothing to do with this machine's own address. */
function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
