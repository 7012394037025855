/** A small byte-level BPE in the Hugging Face format: every byte, a few whole words, ChatML's special tokens. */

export const END_OF_TEXT = '<|endoftext|>';
export const TURN_START = '<|im_start|>';
export const TURN_END = '<|im_end|>';
const SPECIAL = [END_OF_TEXT, TURN_START, TURN_END];

export const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const WORDS = [' think', 'think', ' step', ' the', ' should', ' will', ' apples'];

/** GPT-2's printable stand-ins for bytes. */
function byteCharacters(): string[] {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

/** @param bos whether a text on its own gets the end-of-text token in front */
export function byteLevelTokenizer(bos: boolean): { tokenizer: object; config: object; size: number } {
  const bytes = byteCharacters();
  const vocab = new Map<string, number>();
  const add = (token: string) => {
    if (!vocab.has(token)) vocab.set(token, vocab.size);
  };
  for (const token of [...SPECIAL, ...bytes]) add(token);
  const merges: [string, string][] = [];
  for (const word of WORDS) {
    const [first = '', ...rest] = Array.from(Buffer.from(word), (byte) => bytes[byte]!);
    rest.reduce((left, right) => {
      if (!vocab.has(left + right)) merges.push([left, right]);
      add(left + right);
      return left + right;
    }, first);
  }
  const addedTokens = SPECIAL.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const template = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: END_OF_TEXT, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { [END_OF_TEXT]: { id: END_OF_TEXT, ids: [0], tokens: [END_OF_TEXT] } },
  };
  return {
    size: vocab.size,
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens,
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: bos ? template : null,
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(vocab),
        merges,
      },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: bos ? END_OF_TEXT : null,
      eos_token: TURN_END,
      pad_token: END_OF_TEXT,
      unk_token: null,
      clean_up_tokenization_spaces: false,
      added_tokens_decoder: Object.fromEntries(addedTokens.map(({ id, ...token }) => [id, token])),
    },
  };
}
