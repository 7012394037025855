/** The special tokens that a tokenizer puts around a text. */
import type { PostProcessor } from './tokenizer-json';

export interface Around {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const NOTHING: Around = { before: [], after: [] };

/** @throws Error where its template does not hold the text once */
export function around(config: PostProcessor | null | undefined): Around {
  if (!config) return NOTHING;
  switch (config.type) {
    case 'ByteLevel':
      return NOTHING;
    case 'BertProcessing':
    case 'RobertaProcessing':
      return { before: [config.cls[1]], after: [config.sep[1]] };
    case 'Sequence':
      return config.processors.map(around).reduce(
        (inner, outer) => ({
          before: [...outer.before, ...inner.before],
          after: [...inner.after, ...outer.after],
        }),
        NOTHING,
      );
    case 'TemplateProcessing': {
      const parts = config.single.map((part) =>
        'Sequence' in part ? part.Sequence.id : idsOf(part.SpecialToken.id, config.special_tokens),
      );
      const at = parts.indexOf('A');
      if (at < 0 || parts.filter((part) => typeof part === 'string').length > 1) {
        throw new Error('its post-processor does not hold the text once');
      }
      const ids = (some: typeof parts) => some.flatMap((part) => (typeof part === 'string' ? [] : part));
      return { before: ids(parts.slice(0, at)), after: ids(parts.slice(at + 1)) };
    }
    default:
      return config satisfies never;
  }
}

function idsOf(name: string, tokens: Readonly<Record<string, { readonly ids: readonly number[] }>>) {
  const token = Object.hasOwn(tokens, name) ? tokens[name] : undefined;
  if (!token) throw new Error(`its post-processor adds ${name}, whose ids it does not tell`);
  return token.ids;
}
