/** Names of exported files: what, of which model, when. */

export interface Subject {
  /** A model's id, perhaps `owner/name`. */
  readonly model: string;
  /** ISO date and time. */
  readonly at: string;
}

const MAX_PART_LENGTH = 60;

/** `slot-studio-starter-2025-06-01-1203-prompt-loss.csv`, in local time. */
export function fileName(subject: Subject, what: string, extension: string): string {
  const parts = ['slot-studio', slug(subject.model), stamp(subject.at), slug(what)];
  return `${parts.filter((part) => part !== '').join('-')}.${extension}`;
}

function slug(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[-._]+|[-._]+$/g, '')
    .slice(0, MAX_PART_LENGTH);
}

function stamp(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}`;
}
