package dev.lathe.server.openai;

import dev.lathe.generate.AnswerParser;
import dev.lathe.generate.AnswerPart;
import dev.lathe.generate.GenerateEvent;
import java.util.List;

/**
 * Hears one answer and tells its parts: what is said, thought and called.
 *
 * @param parser finds parts in the text
 * @param spoken what each token says
 */
record AnswerReader(AnswerParser parser, Spoken spoken) {
  /** Who is told, and puts it in the words of one door. */
  interface Output {
    /** More of the answer. */
    void push(List<AnswerPart> parts);

    /** Ends the answer. */
    void end(GenerateEvent.Finished end);

    /** Says what it took, and that this is all. */
    void complete(GenerateEvent.Usage usage);
  }

  static AnswerReader of(AskedModel asked, ChatWish wish) {
    return new AnswerReader(
        new AnswerParser(wish.form()), new Spoken(asked.tokenizer().vocabulary()));
  }

  /** Reads to the end. */
  void read(Generation generation, Output output) {
    generation.all(
        event -> {
          switch (event) {
            case GenerateEvent.PromptScored scored -> {}
            case GenerateEvent.Token token -> output.push(parser.push(spoken.said(token)));
            case GenerateEvent.Finished end -> {
              output.push(parser.push(end.text()));
              output.push(parser.finish());
              output.end(end);
            }
            case GenerateEvent.Completed completed -> output.complete(completed.usage());
          }
        });
  }
}
