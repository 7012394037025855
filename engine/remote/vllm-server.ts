/** vLLM with SLOT Studio's plugin (`integrations/vllm`), which gives hidden states and adds a delta to them. */
import { z } from 'zod';
import { TransientError } from '../http/failures';
import { badInput, EngineError, type ServerAbout } from '../protocol';
import type { ServerConnection } from './connection';
import { badAnswer, brokeOff, refusal } from './faults';
import type { InferenceServer, WriteRequest } from './inference-server';
import { finite } from './states';
import { checkPlugin } from './vllm-plugin';

const Slot = z.object({
  vllm_version: z.string(),
  hidden_size: z.int().min(1).max(65_536),
  vocab_size: z.int().min(1),
  max_model_len: z.int().min(2),
  max_num_seqs: z.int().min(1),
  max_prompt_tokens: z.int().min(2),
  dtype: z.string(),
  quantization: z.string().nullable(),
});
type Slot = z.infer<typeof Slot>;
const Models = z.object({ data: z.array(z.object({ id: z.string(), root: z.string().nullish() })).min(1) });
const Ids = z.array(z.int().min(0));
const Tokens = z.object({ tokens: Ids });
const Choice = z.object({ text: z.string().default(''), token_ids: Ids.nullish() });
const Completion = z.object({ id: z.string().max(200), choices: z.array(Choice).length(1) });
const Told = z.object({ error: z.object({ code: z.int().min(400).max(599).catch(500) }) });
/** Its last part may bring no choice, but how many tokens there were. */
const Part = z.union([Told, z.object({ choices: z.array(Choice).max(1) })]);
const Next = z.object({
  choices: z
    .array(
      z.object({ logprobs: z.object({ top_logprobs: z.array(z.record(z.string(), z.number())).length(1) }) }),
    )
    .length(1),
});

/** What is asked of the server's own first distribution: as many as it tells of by default. */
const FIRST_TOKENS = 20;
const DONE = '[DONE]';
/** Of the answer to a request for some tokens, besides them. */
const ANSWER_BYTES = 65_536;
const TOKEN_BYTES = 4096;

export class VllmServer implements InferenceServer {
  readonly adds = 'delta';
  readonly readLimit = 'what its plugin reads';

  private constructor(
    private readonly connection: ServerConnection,
    readonly about: ServerAbout,
    private readonly identity: string,
  ) {}

  /** @throws EngineError that says how the plugin is installed, where it is missing, too old or cannot work */
  static async open(connection: ServerConnection, signal: AbortSignal): Promise<VllmServer> {
    await checkPlugin(connection, signal);
    const { slot, model, identity } = await ask(connection, signal);
    const about: ServerAbout = {
      engine: 'vLLM',
      version: slot.vllm_version,
      model,
      weights: [slot.dtype, slot.quantization ?? []].flat().join(', '),
      vocab: slot.vocab_size,
      hidden: slot.hidden_size,
      contextLength: slot.max_model_len,
      // A token more is written than is read.
      longestRead: Math.min(slot.max_prompt_tokens, slot.max_model_len - 1),
      slots: slot.max_num_seqs,
    };
    const server = new VllmServer(connection, about, identity);
    await server.hidden([0], signal);
    return server;
  }

  async hidden(ids: readonly number[], signal: AbortSignal): Promise<Float32Array> {
    const body = { ...this.plain(ids), max_tokens: 1, vllm_xargs: { slot_hidden: 1 } };
    const { id } = await this.complete(body, 1, signal);
    const length = Float32Array.BYTES_PER_ELEMENT * ids.length * this.about.hidden;
    const path = `v1/slot/hidden/${encodeURIComponent(id)}`;
    const bytes = await this.connection.bytes(path, { signal, maxBytes: length }).catch((error: unknown) => {
      throw isGone(error) ? this.dropped() : error;
    });
    if (bytes.length !== length)
      throw badAnswer(this.connection.host, path, `${bytes.length} bytes, not ${length}`);
    return finite(this.connection.host, floatsOf(bytes));
  }

  async write(request: WriteRequest): Promise<readonly number[]> {
    const { onText, signal, count } = request;
    const body = this.bodyOf(request);
    if (onText) return this.known(await this.stream(body, count, onText, signal));
    const { choices } = await this.complete(body, count, signal);
    return this.known(choices[0]!.token_ids ?? []);
  }

  async nextTokens(ids: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, number>> {
    const body = {
      ...this.plain(ids),
      max_tokens: 1,
      logprobs: FIRST_TOKENS,
      return_tokens_as_token_ids: true,
    };
    const { choices } = await this.connection.json('v1/completions', Next, { body, signal });
    const [tokens = {}] = choices[0]!.logprobs.top_logprobs;
    return new Map(Object.entries(tokens).map(([token, logprob]) => [idOf(token), logprob]));
  }

  async tokenize(text: string, signal: AbortSignal): Promise<readonly number[]> {
    const body = { model: this.about.model, prompt: text, add_special_tokens: false };
    return (await this.connection.json('tokenize', Tokens, { body, signal })).tokens;
  }

  async checkSame(signal: AbortSignal): Promise<void> {
    const { model, identity } = await ask(this.connection, signal);
    if (identity === this.identity) return;
    const message = `${this.connection.host} now runs ${model}, which is not the model that was opened`;
    throw badInput('server-changed', message, 'Open the server again.');
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private complete(body: object, count: number, signal: AbortSignal): Promise<z.infer<typeof Completion>> {
    const maxBytes = ANSWER_BYTES + TOKEN_BYTES * count;
    return this.connection.json('v1/completions', Completion, { body, signal, maxBytes });
  }

  /** Without what the model's own generation_config.json asks for. */
  private plain(ids: readonly number[]): Record<string, unknown> {
    return {
      model: this.about.model,
      prompt: ids,
      temperature: 0,
      top_k: 0,
      top_p: 1,
      min_p: 0,
      presence_penalty: 0,
      frequency_penalty: 0,
      repetition_penalty: 1,
      return_token_ids: true,
    };
  }

  private bodyOf({ ids, shift, settings, count }: WriteRequest): Record<string, unknown> {
    const { temperature, topP, seed, stops } = settings;
    return {
      ...this.plain(ids),
      max_tokens: count,
      ...(temperature === 0 ? {} : { temperature, top_p: topP, seed }),
      ...(shift === undefined ? {} : { vllm_xargs: { slot_delta: base64Of(shift.delta) } }),
      ...(stops === undefined ? {} : { stop: stops }),
    };
  }

  private async stream(
    body: object,
    count: number,
    onText: NonNullable<WriteRequest['onText']>,
    signal: AbortSignal,
  ): Promise<number[]> {
    const ids: number[] = [];
    let text = '';
    // Each token comes in a part of its own, which takes a few hundred bytes.
    const ask = { body: { ...body, stream: true }, signal, maxBytes: ANSWER_BYTES + TOKEN_BYTES * count };
    for await (const data of this.connection.events('v1/completions', ask)) {
      if (data === DONE) return ids;
      const part = this.connection.parse('v1/completions', data, Part);
      if ('error' in part) throw this.refusalOf(part.error.code, data);
      const [choice] = part.choices;
      ids.push(...(choice?.token_ids ?? []));
      text += choice?.text ?? '';
      if (choice?.text) onText(text, ids);
    }
    throw brokeOff(this.connection.host);
  }

  /** Of a stream that had begun: its status was told before. */
  private refusalOf(status: number, text: string): EngineError {
    return refusal(this.connection.host, { status, headers: new Headers() }, text, this.connection.hasKey);
  }

  /** The server keeps states until there are too many. */
  private dropped(): TransientError {
    const message = `${this.connection.host} dropped hidden states before they were fetched`;
    return new TransientError(
      'server-busy',
      message,
      'Ask it for less at once (Rows, or --rows), and try again.',
    );
  }

  private known(ids: readonly number[]): readonly number[] {
    const foreign = ids.find((id) => id >= this.about.vocab);
    if (foreign === undefined) return ids;
    throw badAnswer(this.connection.host, 'v1/completions', `there is no token ${foreign}`);
  }
}

/** What it says of itself, and by what it is known again. */
async function ask(
  connection: ServerConnection,
  signal: AbortSignal,
): Promise<{ readonly slot: Slot; readonly model: string; readonly identity: string }> {
  const slot = await connection.json('v1/slot', Slot, { signal });
  const { data } = await connection.json('v1/models', Models, { signal });
  const { id, root } = data[0]!;
  const { vllm_version: _version, max_num_seqs: _slots, ...own } = slot;
  return { slot, model: id, identity: JSON.stringify([id, root, own]) };
}

function isGone(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'server-unknown';
}

/** Of "token_id:ID". */
function idOf(token: string): number {
  return Number(token.slice(token.indexOf(':') + 1));
}

/** Little-endian, as every machine that this runs on keeps them. */
function base64Of({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function floatsOf(bytes: Buffer): Float32Array {
  // A copy: a buffer may begin anywhere.
  return new Float32Array(new Uint8Array(bytes).buffer);
}
