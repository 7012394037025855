/** Markdown with maths, drawn block by block. Raw HTML stays text, links lead nowhere, images are not fetched. */
import './katex.css';
import { memo, useMemo } from 'react';
import Markdown, { type Components } from 'react-markdown';
import rehypeKatex from 'rehype-katex';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';
import { markdownBlocks, prepareMarkdown } from '../../run/markdown';

const REMARK = [remarkGfm, [remarkMath, { singleDollarTextMath: false }]] satisfies Parameters<
  typeof Markdown
>[0]['remarkPlugins'];

// Formulas of a hostile text neither grow over the window nor loop.
const REHYPE = [
  [rehypeKatex, { trust: false, strict: false, maxSize: 10, maxExpand: 200, errorColor: 'inherit' }],
] satisfies Parameters<typeof Markdown>[0]['rehypePlugins'];

const COMPONENTS: Components = {
  a: ({ children, href }) => (
    <span className="answer-text__link" title={href}>
      {children}
      {href !== undefined && <span className="muted"> ({href})</span>}
    </span>
  ),
  img: ({ alt, src }) => (
    <span className="answer-text__link">
      [image: {alt} {typeof src === 'string' ? src : ''}]
    </span>
  ),
  input: ({ checked }) => <span>{checked ? '☑' : '☐'}</span>,
};

export default function AnswerMarkdown({ text }: { text: string }) {
  const blocks = useMemo(() => markdownBlocks(prepareMarkdown(text)), [text]);
  return blocks.map((block, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only added at the end
    <Block key={index} source={block} />
  ));
}

const Block = memo(function Block({ source }: { source: string }) {
  return (
    <div className="answer-text__block" dir="auto">
      <Markdown
        remarkPlugins={REMARK}
        rehypePlugins={REHYPE}
        components={COMPONENTS}
        urlTransform={(url) => url}
      >
        {source}
      </Markdown>
    </div>
  );
});
