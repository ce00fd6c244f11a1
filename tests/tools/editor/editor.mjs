// What the exercise pages need of CodeMirror, under one name: `lawgraderEditor(parent, options)`.
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, undo } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

const mark = StateEffect.define();
const marked = StateField.define({
  create: () => Decoration.none,
  update(lines, change) {
    lines = lines.map(change.changes);
    for (const effect of change.effects) {
      if (!effect.is(mark)) continue;
      const number = effect.value;
      const known = number && number <= change.state.doc.lines;
      lines = known
        ? Decoration.set([Decoration.line({ class: "broken-line" }).range(change.state.doc.line(number).from)])
        : Decoration.none;
    }
    return lines;
  },
  provide: (field) => EditorView.decorations.from(field),
});

window.lawgraderEditor = (parent, { text, label, changed, keys }) => {
  const readOnly = new Compartment();
  const extensions = [
    lineNumbers(), highlightSpecialChars(), history(), drawSelection(), highlightActiveLine(), indentOnInput(),
    bracketMatching(), indentUnit.of("    "), EditorState.tabSize.of(4), pythonLanguage,
    syntaxHighlighting(classHighlighter), marked, readOnly.of([]),
    keymap.of([...keys, indentWithTab, ...defaultKeymap, ...historyKeymap]),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of((update) => update.docChanged && changed()),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  view.scrollDOM.tabIndex = 0; // what scrolls can be reached by keys
  return {
    text: () => view.state.doc.toString(),
    replace: (fresh) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: fresh } }),
    markLine: (number) => view.dispatch({ effects: mark.of(number) }),
    undo: () => undo(view),
    redo: () => redo(view),
    focus: () => view.focus(),
  };
};
