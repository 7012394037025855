/** Something that was done or went wrong, said in passing. */
export interface Toast {
  /** Differs from toast to toast, so that the same text is said anew. */
  readonly id: string;
  readonly kind: 'done' | 'problem';
  readonly text: string;
  readonly action: { readonly name: string; readonly run: () => void } | null;
  /** What docs/troubleshooting.md has a problem under. */
  readonly code: string | null;
}

let toasts = 0;

export function newToast(
  kind: Toast['kind'],
  text: string,
  { action = null, code = null }: Partial<Pick<Toast, 'action' | 'code'>> = {},
): Toast {
  toasts += 1;
  return { id: `toast-${toasts}`, kind, text, action, code };
}
