/** What transformers' tokenizer classes add of their own to a folder's files (4.57, the fast ones of decoders). */

export interface TokenizerClass {
  /** Special tokens where the files name none. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Whether BOS and EOS are put around a text by these flags, whatever tokenizer.json says; undefined: as that says. */
  readonly boundaries?: { readonly bos: boolean; readonly eos: boolean };
  /** Whether a byte-level pre-tokenizer's prefix space is set by tokenizer_config.json, false where it says nothing. */
  readonly setsPrefixSpace: boolean;
  /** Whether a BertNormalizer's flags are set by tokenizer_config.json. */
  readonly setsNormalizer?: boolean;
  /** `model_type` in config.json, for folders that name no class. */
  readonly models?: readonly string[];
}

const SENTENCEPIECE = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' };
const END_OF_TEXT = {
  bos_token: '<|endoftext|>',
  eos_token: '<|endoftext|>',
  unk_token: '<|endoftext|>',
};
const ROBERTA = { ...SENTENCEPIECE, sep_token: '</s>', pad_token: '<pad>', cls_token: '<s>' };
const BERT = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};
const WITH_BOS = { bos: true, eos: false };

/** By name without the ending "Fast". */
const CLASSES: Readonly<Record<string, TokenizerClass>> = {
  LlamaTokenizer: {
    defaults: SENTENCEPIECE,
    boundaries: WITH_BOS,
    setsPrefixSpace: false,
    models: [
      'llama',
      'mistral',
      'mixtral',
      'phi3',
      'phimoe',
      'deepseek_v2',
      'deepseek_v3',
      'ernie4_5',
      'jamba',
    ],
  },
  CodeLlamaTokenizer: {
    defaults: SENTENCEPIECE,
    boundaries: WITH_BOS,
    setsPrefixSpace: true,
    models: ['code_llama'],
  },
  GemmaTokenizer: {
    defaults: { bos_token: '<bos>', eos_token: '<eos>', unk_token: '<unk>', pad_token: '<pad>' },
    boundaries: WITH_BOS,
    setsPrefixSpace: true,
    models: ['gemma', 'gemma2', 'gemma3', 'gemma3_text', 'gemma3n', 'gemma3n_text', 'recurrent_gemma'],
  },
  CohereTokenizer: {
    defaults: { bos_token: '<BOS_TOKEN>', eos_token: '<|END_OF_TURN_TOKEN|>', unk_token: '<UNK>' },
    boundaries: WITH_BOS,
    setsPrefixSpace: true,
    models: ['cohere', 'cohere2'],
  },
  GPTNeoXTokenizer: {
    defaults: END_OF_TEXT,
    boundaries: { bos: false, eos: false },
    setsPrefixSpace: true,
    models: [
      'gpt_neox',
      'mpt',
      'olmo',
      'olmo2',
      'olmoe',
      'stablelm',
      'mamba',
      'mamba2',
      'falcon_mamba',
      'rwkv',
    ],
  },
  GPT2Tokenizer: {
    defaults: END_OF_TEXT,
    setsPrefixSpace: true,
    models: ['gpt2', 'gpt_neo', 'gptj', 'gpt_bigcode', 'opt', 'starcoder2', 'exaone4', 'olmo3', 'granite'],
  },
  CodeGenTokenizer: { defaults: END_OF_TEXT, setsPrefixSpace: true, models: ['codegen', 'phi'] },
  Qwen2Tokenizer: {
    defaults: { eos_token: '<|endoftext|>', unk_token: '<|endoftext|>', pad_token: '<|endoftext|>' },
    setsPrefixSpace: true,
    models: ['qwen2', 'qwen2_moe', 'qwen3', 'qwen3_moe', 'qwen3_next'],
  },
  BloomTokenizer: {
    defaults: { ...SENTENCEPIECE, pad_token: '<pad>' },
    setsPrefixSpace: true,
    models: ['bloom'],
  },
  XGLMTokenizer: { defaults: ROBERTA, setsPrefixSpace: true, models: ['xglm'] },
  OpenAIGPTTokenizer: { defaults: { unk_token: '<unk>' }, setsPrefixSpace: true, models: ['openai-gpt'] },
  BartTokenizer: { defaults: { ...ROBERTA, mask_token: '<mask>' }, setsPrefixSpace: true },
  RobertaTokenizer: { defaults: { ...ROBERTA, mask_token: '<mask>' }, setsPrefixSpace: true },
  BertTokenizer: { defaults: BERT, setsPrefixSpace: true, setsNormalizer: true },
};

/** Classes that are not listed, unknown ones among them, add nothing. */
const OTHERS: TokenizerClass = { defaults: {}, setsPrefixSpace: true };

export function tokenizerClass(
  name: string | null | undefined,
  modelType: string | null | undefined,
): TokenizerClass {
  if (name) {
    const listed = name.replace(/Fast$/, '');
    return Object.hasOwn(CLASSES, listed) ? CLASSES[listed]! : OTHERS;
  }
  return Object.values(CLASSES).find(({ models }) => models?.includes(modelType ?? '')) ?? OTHERS;
}
