/** The bar on top: what runs, what it runs on, and how far it is. */
import { DownloadNotice } from '../../models/download-notice';
import { RunsControls } from '../../runs/runs-controls';
import { EvaluateButton } from './evaluate-button';
import { HelpMenu } from './help-menu';
import { ModelMenu } from './model-menu';
import { ProgressRule } from './progress-rule';
import { RunControls } from './run-controls';
import { StatusLine } from './status-line';
import { ThemeToggle } from './theme-toggle';
import './top-bar.css';

export function TopBar() {
  return (
    <header className="top-bar">
      <h1 className="top-bar__name">SLOT Studio</h1>
      <ModelMenu />
      <RunControls />
      <StatusLine />
      <DownloadNotice />
      <EvaluateButton />
      <RunsControls />
      <HelpMenu />
      <ThemeToggle />
      <ProgressRule />
    </header>
  );
}
