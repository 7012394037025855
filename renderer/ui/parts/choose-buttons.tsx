/** The system's dialogs for a model: one shows folders, the other files. */
interface ChooseButtonsProps {
  readonly choose: (kind: 'folder' | 'file') => void;
}

export function ChooseButtons({ choose }: ChooseButtonsProps) {
  return (
    <>
      <button type="button" className="button" onClick={() => choose('folder')}>
        Folder…
      </button>
      <button type="button" className="button" onClick={() => choose('file')}>
        File…
      </button>
    </>
  );
}
