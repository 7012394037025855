/** llama.cpp's server, as it comes: https://github.com/ggml-org/llama.cpp/tree/master/tools/server */
import { z } from 'zod';
import { badInput, type ServerAbout } from '../protocol';
import type { ServerConnection } from './connection';
import { badAnswer, brokeOff } from './faults';
import type { InferenceServer, WriteRequest } from './inference-server';
import { finite } from './states';

const Props = z.object({
  default_generation_settings: z.object({ n_ctx: z.int().min(1) }),
  total_slots: z.int().min(1).max(4096),
  model_path: z.string().default(''),
  build_info: z.string().default(''),
});
const Models = z.object({
  data: z
    .array(
      z.object({
        id: z.string(),
        meta: z.object({
          n_vocab: z.int().min(1),
          n_embd: z.int().min(1),
          n_params: z.number().default(0),
          ftype: z.string().default(''),
        }),
      }),
    )
    .min(1),
});
const Embeddings = z.array(z.object({ embedding: z.array(z.array(z.number().nullable())) })).length(1);
const Tokens = z.object({ tokens: z.array(z.int()) });
const Ids = z.array(z.int().min(0));
const Written = z.object({ tokens: Ids });
const Chunk = z.object({
  content: z.string().default(''),
  tokens: Ids.default([]),
  stop: z.boolean().default(false),
  tokens_predicted: z.int().min(0).default(0),
});
const Next = z.object({
  completion_probabilities: z
    .array(z.object({ top_logprobs: z.array(z.object({ id: z.int(), logprob: z.number() })).min(1) }))
    .length(1),
});

/** Without these, the whole bias would be sent back. */
const FIELDS = ['content', 'tokens', 'stop', 'tokens_predicted', 'completion_probabilities'];
/** Of a number in JSON, and what stands around it. */
const NUMBER_BYTES = 32;
/** What is asked of the server's own first distribution. */
const FIRST_TOKENS = 20;
/** More than any two logits differ by. */
const CERTAIN = 1e4;

export class LlamaServer implements InferenceServer {
  readonly adds = 'b';
  readonly readLimit = "the server's physical batch (--ubatch-size)";

  private constructor(
    private readonly connection: ServerConnection,
    readonly about: ServerAbout,
    private readonly identity: string,
  ) {}

  /** @throws EngineError that says which flag is missing, where one is */
  static async open(connection: ServerConnection, signal: AbortSignal): Promise<LlamaServer> {
    const props = await connection.json('props', Props, { signal });
    const { data } = await connection.json('v1/models', Models, { signal });
    const { id, meta } = data[0]!;
    const contextLength = props.default_generation_settings.n_ctx;
    const about: ServerAbout = {
      engine: 'llama.cpp',
      version: props.build_info,
      model: id,
      weights: meta.ftype,
      vocab: meta.n_vocab,
      hidden: meta.n_embd,
      contextLength,
      longestRead: await longestRead(connection, contextLength, signal),
      slots: props.total_slots,
    };
    const server = new LlamaServer(connection, about, identityOf(data[0]!));
    // One token, as it will be asked for: pooled or normalised rows are told by their number.
    await server.hidden([0, 0], signal);
    return server;
  }

  async hidden(ids: readonly number[], signal: AbortSignal): Promise<Float32Array> {
    const { hidden: d } = this.about;
    const maxBytes = 65_536 + NUMBER_BYTES * ids.length * d;
    const ask = { body: { content: ids }, signal, maxBytes };
    const [found] = await this.connection.json('embedding', Embeddings, ask);
    const rows = found?.embedding ?? [];
    if (rows.length !== ids.length || rows.some((row) => row.length !== d)) {
      const message = `${this.connection.host} gives ${rows.length} rows of ${rows[0]?.length ?? 0} numbers for ${ids.length} tokens of ${d}`;
      throw badInput('server-embeddings', message, 'Start it with --embeddings --pooling none.');
    }
    const states = new Float32Array(ids.length * d);
    for (const [at, row] of rows.entries())
      states.set(
        row.map((value) => value ?? Number.NaN),
        at * d,
      );
    return finite(this.connection.host, states);
  }

  async write(request: WriteRequest): Promise<readonly number[]> {
    const { onText, signal, count } = request;
    const body = bodyOf(request);
    const maxBytes = 65_536 + 4096 * count;
    if (onText) {
      const { ids, isWhole } = await this.stream({ ...body, stream: true }, maxBytes, onText, signal);
      if (isWhole) return this.known(ids);
    }
    // A stream leaves out the ids of tokens that end within a character: asked again, whole.
    const ask = { body: { ...body, stream: false }, signal, maxBytes };
    const { tokens } = await this.connection.json('completion', Written, ask);
    return this.known(tokens);
  }

  async nextTokens(ids: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, number>> {
    // A token that ends within a character is not told of, so one is written that ends the text already; the
    // log-probabilities are those before the bias.
    const logit_bias = ids.slice(-1).map((id) => [id, CERTAIN]);
    const body = {
      prompt: ids,
      n_predict: 1,
      n_probs: FIRST_TOKENS,
      logit_bias,
      ...GREEDY,
      response_fields: FIELDS,
    };
    const { completion_probabilities } = await this.connection.json('completion', Next, { body, signal });
    return new Map(completion_probabilities[0]!.top_logprobs.map(({ id, logprob }) => [id, logprob]));
  }

  async tokenize(text: string, signal: AbortSignal): Promise<readonly number[]> {
    const body = { content: text, add_special: false, parse_special: true };
    return (await this.connection.json('tokenize', Tokens, { body, signal })).tokens;
  }

  async checkSame(signal: AbortSignal): Promise<void> {
    const { data } = await this.connection.json('v1/models', Models, { signal });
    if (identityOf(data[0]!) === this.identity) return;
    const message = `${this.connection.host} now runs ${data[0]!.id}, which is not the model that was opened`;
    throw badInput('server-changed', message, 'Open the server again.');
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private known(ids: readonly number[]): readonly number[] {
    const foreign = ids.find((id) => id >= this.about.vocab);
    if (foreign === undefined) return ids;
    throw badAnswer(this.connection.host, 'completion', `there is no token ${foreign}`);
  }

  private async stream(
    body: object,
    maxBytes: number,
    onText: NonNullable<WriteRequest['onText']>,
    signal: AbortSignal,
  ): Promise<{ readonly ids: number[]; readonly isWhole: boolean }> {
    const ids: number[] = [];
    let text = '';
    for await (const data of this.connection.events('completion', { body, signal, maxBytes })) {
      const chunk = this.connection.parse('completion', data, Chunk);
      ids.push(...chunk.tokens);
      text += chunk.content;
      const isWhole = ids.length === chunk.tokens_predicted;
      if (chunk.content !== '') onText(text, isWhole ? ids : undefined);
      if (chunk.stop) return { ids, isWhole };
    }
    throw brokeOff(this.connection.host);
  }
}

const GREEDY = { temperature: 0, samplers: ['temperature'] } as const;

function bodyOf({ ids, shift, settings, count }: WriteRequest): Record<string, unknown> {
  const { temperature, topP, seed, stops } = settings;
  // The nucleus is that of the distribution at this temperature.
  const drawn = { temperature, top_p: topP, min_keep: 0, samplers: ['temperature', 'top_p'], seed };
  return {
    prompt: ids,
    n_predict: count,
    ...(temperature === 0 ? GREEDY : drawn),
    ...(shift === undefined ? {} : { logit_bias: biasOf(shift.b) }),
    ...(stops === undefined ? {} : { stop: stops }),
    cache_prompt: true,
    return_tokens: true,
    response_fields: FIELDS,
  };
}

/** As a list: an object takes the server time that grows faster than its length. Nine digits hold a float32. */
function biasOf(shift: Float32Array): [number, number][] {
  const bias: [number, number][] = [];
  for (const [id, by] of shift.entries()) if (by !== 0) bias.push([id, Number(by.toPrecision(9))]);
  return bias;
}

function identityOf({ id, meta }: z.infer<typeof Models>['data'][number]): string {
  return JSON.stringify([id, meta]);
}

/**
 * The physical batch, which no request tells but the refusal of a text that is longer: one token more than the context
 * is refused whatever it is.
 */
async function longestRead(
  connection: ServerConnection,
  contextLength: number,
  signal: AbortSignal,
): Promise<number> {
  const content = new Array<number>(contextLength + 1).fill(0);
  try {
    const maxBytes = 2 ** 30;
    await connection.json('embedding', z.unknown(), { body: { content }, signal, maxBytes });
  } catch (error) {
    signal.throwIfAborted();
    const told = error instanceof Error ? error.message : '';
    const batch = /current batch size: (\d+)/.exec(told)?.[1];
    if (batch !== undefined) return Math.min(Number(batch), contextLength);
    if (!/context/.test(told)) throw error;
  }
  return contextLength;
}
