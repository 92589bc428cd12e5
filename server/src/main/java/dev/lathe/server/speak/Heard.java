package dev.lathe.server.speak;

import dev.lathe.generate.AnswerForm;
import dev.lathe.generate.AnswerParser;
import dev.lathe.generate.AnswerPart;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.prepare.Vocabulary;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is heard of an answer while it is made: in a conversation all but the thoughts before it,
 * which clients of the OpenAI API are told apart from it as well.
 */
final class Heard {
  private final MarkedText marked;
  private final Optional<AnswerParser> parser;
  private final Consumer<String> listener;
  private final StringBuilder text = new StringBuilder();

  private Heard(MarkedText marked, Optional<AnswerParser> parser, Consumer<String> listener) {
    this.marked = marked;
    this.parser = parser;
    this.listener = listener;
  }

  static Heard of(Vocabulary vocabulary, Optional<AnswerForm> form, Consumer<String> listener) {
    return new Heard(new MarkedText(vocabulary), form.map(AnswerParser::new), listener);
  }

  void hear(GenerateEvent.Token token) {
    parser.ifPresentOrElse(parts -> tell(parts.push(marked.said(token))), () -> tell(token.text()));
  }

  void end(String rest) {
    parser.ifPresentOrElse(
        parts -> {
          tell(parts.push(rest));
          tell(parts.finish());
        },
        () -> tell(rest));
  }

  private void tell(List<AnswerPart> parts) {
    for (AnswerPart part : parts) {
      if (part instanceof AnswerPart.Text(String said)) {
        tell(said);
      }
    }
  }

  private void tell(String said) {
    if (!said.isEmpty()) {
      text.append(said);
      listener.accept(said);
    }
  }

  String text() {
    return text.toString();
  }
}
