package org.threehalf.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.generate.ChatTemplate.Message;
import org.threehalf.inference.generate.GenerationOptions;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.generate.LanguageModel.Options;

@Timeout(60)
class LocalChatModelTest {
    private static final GenerationOptions OPTIONS =
            GenerationOptions.DEFAULT.withTemperature(1.1f).withTokens(12).withSeed(3);
    private static final List<ChatMessage> MESSAGES = List.of(
            SystemMessage.from("Be brief."),
            UserMessage.from("Hi"),
            AiMessage.from("Hello"),
            UserMessage.from("Again"));

    private static LanguageModel open() throws IOException {
        return LanguageModel.open(
                TinyModels.path("llama3"),
                Options.DEFAULT
                        .withBackend("reference")
                        .withContext(128)
                        .withChatTemplate("{% for m in messages %}{{ m.role }}:{{ m.content }}\n{% endfor %}"));
    }

    /** Collects pieces; cancels after some, where some are given. */
    private static class Collector implements StreamingChatResponseHandler {
        private final StringBuilder pieces = new StringBuilder();
        private final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        private final int most;
        private volatile int count;

        private Collector(int most) {
            this.most = most;
        }

        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            pieces.append(piece.text());
            if (++count == most) {
                context.streamingHandle().cancel();
            }
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            whole.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            whole.completeExceptionally(error);
        }
    }

    @Test
    void wholeAndStreamedAreTheModelsAnswer() throws Exception {
        try (LanguageModel model = open()) {
            List<Message> messages = List.of(
                    new Message("system", "Be brief."),
                    new Message("user", "Hi"),
                    new Message("assistant", "Hello"),
                    new Message("user", "Again"));
            String expected = model.chat(messages, OPTIONS).text();
            LocalChatModel chat = new LocalChatModel(model, OPTIONS);
            ChatResponse whole = chat.chat(MESSAGES);
            assertEquals(expected, whole.aiMessage().text());
            assertEquals(12, whole.tokenUsage().outputTokenCount());
            assertEquals(FinishReason.LENGTH, whole.finishReason());
            Collector collector = new Collector(0);
            chat.chat(MESSAGES, collector);
            ChatResponse streamed = collector.whole.get(30, TimeUnit.SECONDS);
            assertEquals(expected, collector.pieces.toString());
            assertEquals(whole.aiMessage(), streamed.aiMessage());
            assertEquals(whole.tokenUsage(), streamed.tokenUsage());
            assertEquals(0, model.underWay());
        }
    }

    @Test
    void aRequestsParametersComeFirst() throws Exception {
        try (LanguageModel model = open()) {
            LocalChatModel chat = new LocalChatModel(model, OPTIONS);
            ChatRequest request = ChatRequest.builder()
                    .messages(UserMessage.from("Hi"))
                    .temperature(0.0)
                    .maxOutputTokens(7)
                    .build();
            String expected = model.chat(
                            List.of(new Message("user", "Hi")),
                            OPTIONS.withTemperature(0).withTokens(7))
                    .text();
            assertEquals(expected, chat.chat(request).aiMessage().text());
            String stop = expected.substring(2, 4);
            ChatResponse stopped =
                    chat.chat(request.toBuilder().stopSequences(List.of(stop)).build());
            assertEquals(
                    expected.substring(0, expected.indexOf(stop)),
                    stopped.aiMessage().text());
            assertEquals(FinishReason.STOP, stopped.finishReason());
        }
    }

    /** As LangChain4j promises of a handle that was cancelled: nothing more is told. */
    @Test
    void aCancelledAnswerFreesItsSlotAndSaysNoMore() throws Exception {
        try (LanguageModel model = open()) {
            Collector collector = new Collector(2);
            new LocalChatModel(model, OPTIONS.withTokens(100)).chat(MESSAGES, collector);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (collector.count < 2 || model.underWay() > 0) {
                assertTrue(System.nanoTime() < end, "the slot was not free within a minute");
                Thread.sleep(5);
            }
            // Whoever had more to say would have said it by now, or says it in the next moment.
            Thread.sleep(200);
            assertEquals(2, collector.count);
            assertFalse(collector.whole.isDone(), "neither whole nor failed");
        }
    }

    /** An error in the handler ends the answer with a word. */
    @Test
    void anErrorOfTheHandlerIsTold() throws Exception {
        try (LanguageModel model = open()) {
            Collector collector = new Collector(0) {
                @Override
                public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                    throw new AssertionError("of the handler");
                }
            };
            new LocalChatModel(model, OPTIONS).chat(MESSAGES, collector);
            ExecutionException failed =
                    assertThrows(ExecutionException.class, () -> collector.whole.get(60, TimeUnit.SECONDS));
            assertEquals("of the handler", failed.getCause().getMessage());
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (model.underWay() > 0) {
                assertTrue(System.nanoTime() < end, "the slot was not free within a minute");
                Thread.sleep(5);
            }
        }
    }

    @Test
    void whatIsNotComputedIsRefused() throws Exception {
        try (LanguageModel model = open()) {
            LocalChatModel chat = new LocalChatModel(model, OPTIONS);
            ChatRequest request =
                    ChatRequest.builder().messages(UserMessage.from("Hi")).build();
            for (ChatRequest refused : List.of(
                    request.toBuilder()
                            .toolSpecifications(
                                    ToolSpecification.builder().name("a").build())
                            .build(),
                    request.toBuilder().presencePenalty(1.0).build(),
                    request.toBuilder().frequencyPenalty(1.0).build(),
                    ChatRequest.builder()
                            .messages(UserMessage.from(ImageContent.from(Image.builder()
                                    .base64Data("AA==")
                                    .mimeType("image/png")
                                    .build())))
                            .build())) {
                assertThrows(UnsupportedFeatureException.class, () -> chat.chat(refused));
                Collector collector = new Collector(0);
                chat.chat(refused, collector);
                ExecutionException failed =
                        assertThrows(ExecutionException.class, () -> collector.whole.get(30, TimeUnit.SECONDS));
                assertEquals(
                        UnsupportedFeatureException.class, failed.getCause().getClass());
            }
            assertEquals(0, model.underWay());
        }
    }
}
