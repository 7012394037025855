/** vLLM's interface with the plugin, as far as it is asked for; `vllm.test.ts` holds the engine to the real one's answers. */
import {
  type Asked,
  error,
  event,
  type FakeModel,
  FakeServer,
  listening,
  ok,
  type Reply,
  stateOf,
} from './fake';

/** In tokens. */
const CONTEXT = 128;

export class FakeVllm extends FakeServer {
  /** Of prompts whose states were asked for, by the answer's id. */
  private readonly kept = new Map<string, readonly number[]>();

  static start(model: FakeModel, port?: number): Promise<FakeVllm> {
    return listening((server, scheme) => new FakeVllm(server, scheme, model), { port });
  }

  /** What the plugin says of itself. */
  get slot() {
    return {
      version: '0.2.0',
      vllm_version: 'fake',
      is_ready: true,
      reason: null,
      max_prompt_tokens: 16_384,
      hidden_size: this.model.d,
      vocab_size: this.model.vocab,
      max_model_len: CONTEXT,
      max_num_seqs: 4,
      dtype: 'float32',
      quantization: null,
    };
  }

  protected right({ path, body }: Asked): Reply {
    const id = path.replace('/v1/slot/hidden/', '');
    if (id !== path) return this.hidden(id);
    switch (path) {
      case '/v1/models':
        return ok({ data: [{ id: 'fake', owned_by: 'vllm', root: '/models/fake' }] });
      case '/v1/slot':
        return ok(this.slot);
      case '/tokenize':
        return ok({ tokens: [] });
      case '/v1/completions':
        return this.complete(body);
      default:
        return { status: path === '/health' ? 200 : 404, body: { detail: 'Not Found' } };
    }
  }

  private complete(body: Asked['body']): Reply {
    const id = `cmpl-${this.asked.length}`;
    if (body.vllm_xargs?.slot_hidden) this.kept.set(id, body.prompt);
    if (body.logprobs) return ok({ choices: [{ logprobs: { top_logprobs: [this.next(body.prompt)] } }] });
    const token_ids = Array.from({ length: body.max_tokens }, (_, i) => 40 + (i % 10));
    if (!body.stream) return ok({ id, choices: [{ text: '', token_ids }] });
    return (response) => {
      for (const token of token_ids) response.write(part(id, token));
      response.end('data: [DONE]\n\n');
    };
  }

  private next(prompt: readonly number[]): Record<string, number> {
    const next = this.model.next(prompt.at(-1) ?? 0);
    return Object.fromEntries([...next].map(([id, logprob]) => [`token_id:${id}`, logprob]));
  }

  private hidden(id: string): Reply {
    const ids = this.kept.get(id);
    if (!ids) return error(404, 'no hidden states of this id');
    this.kept.delete(id);
    const states = Float32Array.from(ids.flatMap((token) => stateOf(token, this.model.d)));
    return (response) => response.end(new Uint8Array(states.buffer));
  }
}

/** One token of a stream. */
export function part(id: string, token: number): string {
  return event({ id, choices: [{ text: 'a', token_ids: [token] }] });
}
