/**
 * Models whose exports are known to have the layout that opens here, small to large. "Known" means by their
 * published file lists and architectures: the list is not a test report, and `models.inspect` has the last word.
 */
import type { CuratedModel, DtypeSize } from '../protocol';

interface Published {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  /** In billions. */
  readonly parameters: number;
  readonly licence: string;
  /**
   * Megabytes of a dtype's ONNX file and data, as the hub's file lists have shown them. Qwen3's are those that others
   * downloaded; Phi 4 mini's follows from its shape (see `quantised`), as no list of it was at hand.
   */
  readonly sizes: Readonly<Record<string, number>>;
}

const PUBLISHED: readonly Published[] = [
  {
    id: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    name: 'SmolLM2 135M Instruct',
    family: 'llama',
    parameters: 0.135,
    licence: 'apache-2.0',
    sizes: { fp32: 654, fp16: 327, q4: 200, q4f16: 134 },
  },
  {
    id: 'HuggingFaceTB/SmolLM2-360M-Instruct',
    name: 'SmolLM2 360M Instruct',
    family: 'llama',
    parameters: 0.362,
    licence: 'apache-2.0',
    sizes: { fp32: 1640, fp16: 819, q4: 417, q4f16: 299 },
  },
  {
    id: 'onnx-community/Qwen2.5-0.5B-Instruct',
    name: 'Qwen2.5 0.5B Instruct',
    family: 'qwen2',
    parameters: 0.494,
    licence: 'apache-2.0',
    sizes: { fp32: 1990, fp16: 997, q4: 786, q4f16: 483 },
  },
  {
    id: 'onnx-community/Qwen3-0.6B-ONNX',
    name: 'Qwen3 0.6B',
    family: 'qwen3',
    parameters: 0.596,
    licence: 'apache-2.0',
    sizes: { q4: 919, q4f16: 570 },
  },
  {
    id: 'onnx-community/gemma-3-1b-it-ONNX',
    name: 'Gemma 3 1B it',
    family: 'gemma3_text',
    parameters: 1,
    licence: 'gemma',
    sizes: { q4: 1650 },
  },
  {
    id: 'onnx-community/Llama-3.2-1B-Instruct',
    name: 'Llama 3.2 1B Instruct',
    family: 'llama',
    parameters: 1.236,
    licence: 'llama3.2',
    sizes: { fp32: 4940, fp16: 2470, q4: 1660, q4f16: 1070 },
  },
  {
    id: 'onnx-community/Qwen2.5-1.5B-Instruct',
    name: 'Qwen2.5 1.5B Instruct',
    family: 'qwen2',
    parameters: 1.544,
    licence: 'apache-2.0',
    sizes: { fp32: 6210, fp16: 3100, q4: 1790, q4f16: 1220 },
  },
  {
    id: 'onnx-community/DeepSeek-R1-Distill-Qwen-1.5B-ONNX',
    name: 'DeepSeek R1 Distill Qwen 1.5B',
    family: 'qwen2',
    parameters: 1.777,
    licence: 'mit',
    sizes: { fp32: 7180, fp16: 3600, q4: 1970, q4f16: 1370 },
  },
  {
    id: 'onnx-community/granite-3.0-2b-instruct',
    name: 'Granite 3.0 2B Instruct',
    family: 'granite',
    parameters: 2.534,
    licence: 'apache-2.0',
    sizes: { fp32: 10_100, fp16: 5070, q4: 1930, q4f16: 1570 },
  },
  {
    id: 'onnx-community/Phi-4-mini-instruct-ONNX',
    name: 'Phi 4 mini Instruct',
    family: 'phi3',
    parameters: 3.836,
    licence: 'mit',
    sizes: { q4: quantised(3836, 200_064 * 3072) },
  },
];

export function curatedModels(isCached: (id: string) => boolean): CuratedModel[] {
  return PUBLISHED.map(({ sizes, ...model }) => ({
    ...model,
    dtypes: Object.entries(sizes).map(([dtype, megabytes]): DtypeSize => ({ dtype, bytes: 1e6 * megabytes })),
    isCached: isCached(model.id),
  }));
}

/** Megabytes in 4 bits with a float scale for each block of 32, beside the embedding in float32. */
function quantised(millions: number, embedding: number): number {
  return Math.round((0.5 + 4 / 32) * millions + (4 * embedding) / 1e6);
}
