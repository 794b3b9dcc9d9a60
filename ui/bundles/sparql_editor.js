// A SPARQL editor: colours, completion from our own vocabulary, the place of an error.
import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { sparql } from 'codemirror-lang-sparql';

// Mixed with the colour of the text, so that they can be read in light and dark.
const TEXT = 'var(--mui-palette-text-primary, #1b1b1b)';
const tint = (colour) => `color-mix(in srgb, ${TEXT} 45%, ${colour})`;
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: tint('#1976d2'), fontWeight: '600' },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: tint('#c2185b') },
  { tag: [tags.string, tags.literal], color: tint('#2e7d32') },
  { tag: [tags.number, tags.bool], color: tint('#e65100') },
  { tag: [tags.namespace, tags.url, tags.propertyName, tags.atom], color: tint('#00838f') },
  { tag: tags.comment, color: 'var(--mui-palette-text-secondary, #555)', fontStyle: 'italic' },
]);

const theme = EditorView.theme({
  '&': {
    height: '300px', fontSize: '13px', color: TEXT, borderRadius: '6px',
    border: '1px solid var(--mui-palette-divider, #bbb)',
    background: 'var(--mui-palette-background-paper, #fff)',
  },
  '&.cm-focused': { outline: '2px solid var(--mui-palette-primary-main, #0b5394)' },
  '.cm-scroller': { fontFamily: 'ui-monospace, monospace', lineHeight: '1.5' },
  '.cm-content': { caretColor: TEXT },
  '.cm-cursor': { borderLeftColor: TEXT },
  '.cm-gutters': {
    background: 'var(--mui-palette-action-hover, #f4f4f4)', border: 'none',
    color: 'var(--mui-palette-text-secondary, #555)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { background: 'var(--mui-palette-action-hover, #f4f4f4)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--mui-palette-primary-main, #0b5394) 30%, transparent)',
  },
  '.cm-tooltip': {
    color: TEXT, border: '1px solid var(--mui-palette-divider, #bbb)',
    background: 'var(--mui-palette-background-paper, #fff)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    background: 'var(--mui-palette-primary-main, #0b5394)',
    color: 'var(--mui-palette-primary-contrastText, #fff)',
  },
});

export function drawSparqlEditor({ model, el }) {
  const holder = document.createElement('div');
  holder.className = 'editor';
  el.append(holder);
  let timer = 0;
  const send = () => {
    clearTimeout(timer);
    const text = view.state.doc.toString();
    if (text !== model.value) model.value = text;
  };
  const run = () => {
    send();
    model.runs += 1;
    return true;
  };

  function complete(context) {
    const word = context.matchBefore(/[\w:.-]+/);
    if (!word && !context.explicit) return null;
    return { from: word ? word.from : context.pos, options: model.vocabulary, validFor: /^[\w:.-]*$/ };
  }

  const view = new EditorView({
    parent: holder,
    root: el.getRootNode(),
    state: EditorState.create({
      doc: model.value,
      extensions: [
        keymap.of([
          { key: 'Mod-Enter', run },
          // Escape, and then Tab goes on to what follows, as Tab does anyway.
          ...completionKeymap, ...historyKeymap, ...defaultKeymap,
        ]),
        lineNumbers(), history(), drawSelection(), highlightActiveLine(), bracketMatching(),
        sparql(), syntaxHighlighting(colours), autocompletion({ override: [complete] }), theme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': 'SPARQL query; Control and Enter run it' }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          clearTimeout(timer);
          timer = setTimeout(send, 250);
        }),
      ],
    }),
  });
  holder.addEventListener('focusout', send);
  // The editor itself ignores a new size that follows a new text at once, and would
  // then go on showing the few lines that it drew while its panel was closed.
  const sized = new ResizeObserver(() => view.requestMeasure());
  sized.observe(holder);

  model.on('value', () => {
    const { doc } = view.state;
    if (doc.toString() === model.value) return;
    view.dispatch({ changes: { from: 0, to: doc.length, insert: model.value } });
  });
  function showError() {
    const { doc } = view.state;
    const { message, line, column } = model.error;
    const marks = [];
    if (message && line) {
      const at = doc.line(Math.min(line, doc.lines));
      const from = Math.min(at.from + Math.max(0, (column || 1) - 1), at.to);
      const start = from === at.to ? Math.max(at.from, from - 1) : from;
      marks.push({ from: start, to: Math.min(at.to, start + 1), severity: 'error', message });
    }
    view.dispatch(setDiagnostics(view.state, marks));
    holder.dataset.error = line ? `${line}:${column}` : '';
  }
  model.on('error', showError);
  model.on('remove', () => {
    sized.disconnect();
    view.destroy();
  });
  showError();
  holder.dataset.ready = '1';
}
