/** The right pane: how delta was found, and what it does to the vocabulary. */
import { VocabularyPanel } from '../vocabulary/vocabulary-panel';
import { OptimisationPanel } from './optimisation-panel';
import './charts.css';

export function ChartsPane() {
  return (
    <section className="pane charts-pane" aria-label="Charts">
      <OptimisationPanel />
      <VocabularyPanel />
    </section>
  );
}
