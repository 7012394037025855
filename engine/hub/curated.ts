/**
 * Models whose exports are known to have the layout that opens here, small to large. "Known" means by their
 * published file lists and architectures: the list is not a test report, and `models.inspect` has the last word.
 */
import type { CuratedModel, DtypeSize } from '../protocol';

/** Of a published model: parameters in millions, vocabulary and hidden size as in its config.json. */
interface Published {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly millions: number;
  readonly vocab: number;
  readonly hidden: number;
  readonly licence: string;
}

const PUBLISHED: readonly Published[] = [
  {
    id: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    name: 'SmolLM2 135M Instruct',
    family: 'llama',
    millions: 135,
    vocab: 49_152,
    hidden: 576,
    licence: 'apache-2.0',
  },
  {
    id: 'HuggingFaceTB/SmolLM2-360M-Instruct',
    name: 'SmolLM2 360M Instruct',
    family: 'llama',
    millions: 362,
    vocab: 49_152,
    hidden: 960,
    licence: 'apache-2.0',
  },
  {
    id: 'onnx-community/Qwen2.5-0.5B-Instruct',
    name: 'Qwen2.5 0.5B Instruct',
    family: 'qwen2',
    millions: 494,
    vocab: 151_936,
    hidden: 896,
    licence: 'apache-2.0',
  },
  {
    id: 'onnx-community/Qwen3-0.6B-ONNX',
    name: 'Qwen3 0.6B',
    family: 'qwen3',
    millions: 596,
    vocab: 151_936,
    hidden: 1024,
    licence: 'apache-2.0',
  },
  {
    id: 'onnx-community/gemma-3-1b-it-ONNX',
    name: 'Gemma 3 1B it',
    family: 'gemma3_text',
    millions: 1000,
    vocab: 262_144,
    hidden: 1152,
    licence: 'gemma',
  },
  {
    id: 'onnx-community/Llama-3.2-1B-Instruct-ONNX',
    name: 'Llama 3.2 1B Instruct',
    family: 'llama',
    millions: 1236,
    vocab: 128_256,
    hidden: 2048,
    licence: 'llama3.2',
  },
  {
    id: 'onnx-community/Qwen2.5-1.5B-Instruct',
    name: 'Qwen2.5 1.5B Instruct',
    family: 'qwen2',
    millions: 1544,
    vocab: 151_936,
    hidden: 1536,
    licence: 'apache-2.0',
  },
  {
    id: 'onnx-community/DeepSeek-R1-Distill-Qwen-1.5B-ONNX',
    name: 'DeepSeek R1 Distill Qwen 1.5B',
    family: 'qwen2',
    millions: 1777,
    vocab: 151_936,
    hidden: 1536,
    licence: 'mit',
  },
  {
    id: 'onnx-community/granite-3.0-2b-instruct',
    name: 'Granite 3.0 2B Instruct',
    family: 'granite',
    millions: 2634,
    vocab: 49_155,
    hidden: 2048,
    licence: 'apache-2.0',
  },
  {
    id: 'onnx-community/Phi-4-mini-instruct-ONNX',
    name: 'Phi 4 mini Instruct',
    family: 'phi3',
    millions: 3836,
    vocab: 200_064,
    hidden: 3072,
    licence: 'mit',
  },
];

export function curatedModels(isCached: (id: string) => boolean): CuratedModel[] {
  return PUBLISHED.map(({ millions, vocab, hidden, ...model }) => ({
    ...model,
    parameters: millions / 1000,
    dtypes: sizes(1e6 * millions, vocab * hidden),
    isCached: isCached(model.id),
  }));
}

/** By the shape: 4-bit exports keep the embedding as floats, and a scale for each block of 32 weights. */
function sizes(parameters: number, embedding: number): DtypeSize[] {
  return [
    { dtype: 'fp32', bytes: 4 * parameters },
    { dtype: 'fp16', bytes: 2 * parameters },
    { dtype: 'q4', bytes: (0.5 + 4 / 32) * parameters + 4 * embedding },
    { dtype: 'q4f16', bytes: (0.5 + 2 / 32) * parameters + 2 * embedding },
  ];
}
