/**
 * For a dialog's `onEscapeKeyDown`: within an element that has `data-own-escape` the key is that element's, and the
 * dialog stays. Radix hears keys before React does, so that stopping them there comes too late.
 */
export function leaveOwnEscape(event: KeyboardEvent): void {
  if (event.target instanceof Element && event.target.closest('[data-own-escape]')) event.preventDefault();
}
