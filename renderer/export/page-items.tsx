/** Entries of a menu: a run as a page, with the whole vocabulary or without. None where pages cannot be made. */
import { DropdownMenu } from 'radix-ui';
import { useIsPage } from '../state/studio-context';

interface PageItemsProps {
  readonly disabled?: boolean;
  readonly onSelect: (withVectors: boolean) => void;
}

export function PageItems({ disabled = false, onSelect }: PageItemsProps) {
  if (useIsPage()) return null;
  return (
    <>
      <DropdownMenu.Item className="menu__item" disabled={disabled} onSelect={() => onSelect(true)}>
        <strong>Page (HTML)</strong>
        <span>opens from disk in any browser: answers, charts, every token of the vocabulary</span>
      </DropdownMenu.Item>
      <DropdownMenu.Item className="menu__item" disabled={disabled} onSelect={() => onSelect(false)}>
        <strong>Page (HTML), smaller</strong>
        <span>of the vocabulary only the tokens that moved most</span>
      </DropdownMenu.Item>
    </>
  );
}
