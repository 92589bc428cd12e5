package dev.lathe.generate;

import java.util.Set;

/**
 * How a model writes what is not plain text.
 *
 * @param calls how it calls tools
 * @param tools the tools that it may call; none means that nothing is taken for a call
 * @param reasoning how it thinks
 * @param otherwise what an answer is that calls nothing
 */
public record AnswerForm(Calls calls, Set<String> tools, Thinking reasoning, Otherwise otherwise) {
  /** Plain text only. */
  public static final AnswerForm PLAIN = new AnswerForm(Calls.BARE, Set.of(), Thinking.NOT_MARKED);

  /** How tools are called. */
  public enum Calls {
    /** {@code <tool_call>{"name": …, "arguments": …}</tool_call>}: Hermes, Qwen. */
    TAGGED,
    /** {@code <|python_tag|>} or nothing, then {@code {"name": …, "parameters": …}}: Llama 3. */
    LLAMA,
    /**
     * {@code [TOOL_CALLS]}, then an array of {@code {"name": …, "arguments": …}}, or a name and its
     * arguments: Mistral.
     */
    MISTRAL,
    /** An answer that is one JSON object with the name of a tool. */
    BARE
  }

  /** How thoughts are told from the answer. */
  public enum Thinking {
    /** They are not. */
    NOT_MARKED,
    /** Between {@code <think>} and {@code </think>}. */
    MARKED,
    /** As marked, and the prompt ends within them. */
    BEGUN
  }

  /** What an answer is that calls nothing. */
  public enum Otherwise {
    /** Any text; calls may come after it. */
    TEXT,
    /**
     * Held to a constraint: all that follows the thoughts is either calls, spelled as {@link
     * StrictCalls} has them, or none, whatever it looks like.
     */
    CONSTRAINED
  }

  /** Copies. */
  public AnswerForm {
    tools = Set.copyOf(tools);
  }

  /**
   * The form of a model that may say anything beside its calls.
   *
   * @param calls how it calls tools
   * @param tools the tools that it may call; none means that nothing is taken for a call
   * @param reasoning how it thinks
   */
  public AnswerForm(Calls calls, Set<String> tools, Thinking reasoning) {
    this(calls, tools, reasoning, Otherwise.TEXT);
  }

  /**
   * The same with answers that are calls, or held to a constraint.
   *
   * @return the form
   */
  public AnswerForm constrained() {
    return new AnswerForm(calls, tools, reasoning, Otherwise.CONSTRAINED);
  }

  /**
   * The form of a model whose chat template this is.
   *
   * @param template the template's source
   * @param prompt the rendered prompt, whose end says whether thoughts have begun
   * @param tools the tools that may be called
   * @return the form
   */
  public static AnswerForm of(String template, String prompt, Set<String> tools) {
    Thinking thinking = Thinking.NOT_MARKED;
    if (template.contains("</think>")) {
      thinking = prompt.stripTrailing().endsWith("<think>") ? Thinking.BEGUN : Thinking.MARKED;
    }
    Calls calls = Calls.BARE;
    if (template.contains("[TOOL_CALLS]")) {
      calls = Calls.MISTRAL;
    } else if (template.contains("<tool_call>")) {
      calls = Calls.TAGGED;
    } else if (template.contains("<|python_tag|>") || template.contains("ipython")) {
      calls = Calls.LLAMA;
    }
    return new AnswerForm(calls, tools, thinking);
  }
}
