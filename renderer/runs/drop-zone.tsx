/** Takes a run's file, or a model's folder or file, that is dropped anywhere onto the window. */
import { useEffect, useState } from 'react';
import { useAppState, useStudio } from '../state/studio-context';
import { importAll } from './import-all';

export function DropZone() {
  const { store, models, runs, evaluations } = useStudio();
  const isEvaluate = useAppState((state) => state.room === 'evaluate');
  const [over, setOver] = useState(false);

  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      // Without this the browser would open the file in place of the window.
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      setOver(false);
      // A field took it.
      if (event.defaultPrevented) return;
      event.preventDefault();
      const files = event.dataTransfer?.files ?? [];
      const [file] = files;
      const isFolder = event.dataTransfer?.items[0]?.webkitGetAsEntry()?.isDirectory;
      if (!file) return;
      if (isFolder || /\.gguf$/i.test(file.name)) void models.addDropped(file);
      else if (store.getState().room === 'evaluate') void evaluations.import(file);
      else void importAll(runs, files);
    };
    document.addEventListener('dragover', onOver);
    document.addEventListener('dragleave', onLeave);
    document.addEventListener('drop', onDrop);
    return () => {
      document.removeEventListener('dragover', onOver);
      document.removeEventListener('dragleave', onLeave);
      document.removeEventListener('drop', onDrop);
    };
  }, [store, runs, models, evaluations]);

  return over ? (
    <div className="drop-zone" data-testid="drop-zone">
      <p>
        {isEvaluate
          ? "Drop an evaluation (.jsonl) to import it, or a model's folder or .gguf file to add it."
          : "Drop a run (.jsonl, and its .safetensors) or a conversation (.jsonl) to import it, or a model's folder or .gguf file to add it."}
      </p>
    </div>
  ) : null;
}
