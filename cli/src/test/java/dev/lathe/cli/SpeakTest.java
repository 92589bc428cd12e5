package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.cli.text.Screen;
import org.junit.jupiter.api.Test;

/** What people type to text models. */
class SpeakTest {
  private final FakeLathe lathe = new FakeLathe();

  @Test
  void generate_showsTheAnswerAndAsksWithItsOptions() {
    Typed typed =
        Typed.run(
            lathe,
            "generate",
            "demo/poet@v1",
            "--prompt",
            "O",
            "--max-tokens",
            "7",
            "--temperature",
            "0.5",
            "--top-p",
            "0.9",
            "--seed",
            "3",
            "--stop",
            "a",
            "--stop",
            "b");
    assertThat(typed.exit()).isZero();
    assertThat(typed.out()).isEqualTo(" an answer\n");
    assertThat(lathe.asked)
        .contains(
            "speak demo/poet v1 TextQuestion[turns=[], prompt=O, maxTokens=7,"
                + " temperature=Optional[0.5], topP=Optional[0.9], seed=Optional[3],"
                + " stops=[a, b]]");
  }

  @Test
  void generate_asJsonGivesTheWholeReply() {
    Typed typed =
        Typed.run(
            lathe,
            Screen.Traits.PIPE,
            "from outside",
            "generate",
            "demo/poet",
            "-p",
            "-",
            "--json");
    assertThat(typed.json().path("text").asString()).isEqualTo(" an answer");
    assertThat(typed.json().path("answer_tokens").asInt()).isEqualTo(2);
    assertThat(String.join("", lathe.asked)).contains("prompt=from outside");
  }

  @Test
  void chat_remembersTheTurns() {
    Typed typed =
        Typed.run(
            lathe,
            Screen.Traits.PIPE,
            "one\n\ntwo\n/clear\nthree\n/exit\nfour\n",
            "chat",
            "demo/poet",
            "--system",
            "be brief");
    assertThat(typed.exit()).isZero();
    assertThat(typed.out()).isEqualTo("an answer\nan answer\nan answer\n");
    assertThat(lathe.asked).hasSize(4);
    assertThat(lathe.asked.get(1))
        .contains(
            "turns=[Turn[role=system, content=be brief], Turn[role=user, content=one],"
                + " Turn[role=assistant, content=an answer], Turn[role=user, content=two]]");
    assertThat(lathe.asked.get(2))
        .contains("turns=[Turn[role=system, content=be brief], Turn[role=user, content=three]]");
  }

  @Test
  void chat_goesOnAfterARefusedMessage() {
    Typed typed =
        Typed.run(lathe, Screen.Traits.PIPE, "1\n2\n3\n4\n/clear\n5\n", "chat", "demo/poet");
    assertThat(typed.exit()).isZero();
    assertThat(typed.err()).contains("prompt: too long (/clear begins anew)");
    assertThat(typed.out()).isEqualTo("an answer\n".repeat(4));
  }

  @Test
  void chat_withMessagesEndsAfterTheAnswers() {
    Typed typed = Typed.run(lathe, "chat", "demo/poet", "-m", "a", "-m", "b");
    assertThat(typed.out()).isEqualTo("an answer\nan answer\n");
  }
}
