/** Writes whole model folders in the onnx-community layout: a random decoder of any shape with its tokenizer. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GraphBuilder, OPSET } from '../../engine/onnx/graph-builder';
import { DecoderGraph } from './decoder-graph';
import { type DecoderOptions, decoderOptions } from './options';
import { TensorWriter } from './tensor-writer';
import { byteLevelTokenizer, CHATML } from './tokenizer';
import { weightChunks } from './weights';

export { type DecoderOptions, decoderOptions, QWEN2_5_0_5B } from './options';

export interface Decoder {
  readonly folder: string;
  readonly onnxPath: string;
  readonly options: DecoderOptions;
}

const STARTER = fileURLToPath(new URL('../../assets/starter/model', import.meta.url));

/** Weights are streamed to data files, so a model may be far larger than memory unless it is `inline`. */
export function writeDecoder(folder: string, asked: Partial<DecoderOptions> = {}): Decoder {
  const options = decoderOptions(asked);
  const onnxPath = join(folder, 'onnx', `model${options.suffix}.onnx`);
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  writeJson(join(folder, 'config.json'), config(options));
  writeJson(join(folder, 'generation_config.json'), { eos_token_id: [2, 0], pad_token_id: 0 });
  writeTokenizer(folder, options);

  const builder = new GraphBuilder(new Map([['', OPSET]]), options.irVersion);
  const tensors = new TensorWriter(builder, options, onnxPath);
  try {
    for (const { spec, chunks } of weightChunks(options)) tensors.weight(spec, chunks);
    new DecoderGraph(builder, tensors, options).write();
  } finally {
    tensors.close();
  }
  writeFileSync(onnxPath, builder.finish());
  return { folder, onnxPath, options };
}

function config(options: DecoderOptions): object {
  return {
    architectures: [options.qkvBias ? 'Qwen2ForCausalLM' : 'LlamaForCausalLM'],
    model_type: options.qkvBias ? 'qwen2' : 'llama',
    hidden_act: 'silu',
    hidden_size: options.d,
    head_dim: options.headDim,
    intermediate_size: options.ffn,
    max_position_embeddings: options.contextLength,
    num_attention_heads: options.heads,
    num_hidden_layers: options.layers,
    num_key_value_heads: options.kvHeads,
    rms_norm_eps: options.normEps,
    rope_theta: options.ropeTheta,
    tie_word_embeddings: options.tied,
    torch_dtype: options.dtype,
    vocab_size: options.vocab,
    bos_token_id: 0,
    eos_token_id: 2,
    pad_token_id: 0,
  };
}

function writeTokenizer(folder: string, { tokenizer: kind, chatTemplate, bos, vocab }: DecoderOptions): void {
  if (kind === 'starter') {
    copyFileSync(join(STARTER, 'tokenizer.json'), join(folder, 'tokenizer.json'));
    const starter = JSON.parse(readFileSync(join(STARTER, 'tokenizer_config.json'), 'utf8'));
    writeJson(join(folder, 'tokenizer_config.json'), starter);
    return;
  }
  const { tokenizer, config: tokenizerConfig, size } = byteLevelTokenizer(bos);
  if (size > vocab) throw new Error(`the tokenizer has ${size} tokens, the model only ${vocab}`);
  writeJson(join(folder, 'tokenizer.json'), tokenizer);
  const template = chatTemplate ? { chat_template: CHATML } : {};
  writeJson(join(folder, 'tokenizer_config.json'), { ...tokenizerConfig, ...template });
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
