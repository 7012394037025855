/** A button that asks for files. */
import { useRef } from 'react';

interface FileButtonProps {
  readonly text: string;
  /** What kinds of file there are, and what becomes of them. */
  readonly title: string;
  /** Names the input for screen readers and tests. */
  readonly label: string;
  readonly testId: string;
  readonly accept: string;
  readonly multiple?: boolean;
  /** Called with at least one file. */
  readonly onFiles: (files: FileList) => void;
}

export function FileButton({
  text,
  title,
  label,
  testId,
  accept,
  multiple = false,
  onFiles,
}: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={label}
        data-testid={testId}
        accept={accept}
        multiple={multiple}
        onChange={({ target }) => {
          if (target.files && target.files.length > 0) onFiles(target.files);
          // So that the same file can be chosen again once it is mended.
          target.value = '';
        }}
      />
      <button type="button" className="button" title={title} onClick={() => input.current?.click()}>
        {text}
      </button>
    </>
  );
}
