package dev.lathe.server;

/**
 * What a text model answered.
 *
 * @param model its name
 * @param version the version that answered; empty if it is not known
 * @param text the answer
 * @param finish {@code stop} if the model ended, {@code length} if it was cut
 * @param promptTokens tokens of the prompt
 * @param cachedTokens how many of them were in the cache already
 * @param answerTokens tokens of the answer
 */
public record TextReply(
    String model,
    String version,
    String text,
    String finish,
    int promptTokens,
    int cachedTokens,
    int answerTokens) {}
